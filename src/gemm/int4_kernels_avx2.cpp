// AVX2: 8-bit products of 4-bit weights, of which sixteen fit 16-bit sums.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

// multiply_half_up of ops/requantize.hpp for eight channels: twice the sum times the multiplier has the first product
// in its upper half.
struct HalfUpProducts {
  __m256i even, odd, left, right, half;

  HalfUpProducts(const Requantization& q, int64_t channel)
      : even(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(q.multipliers + channel))),
        odd(_mm256_srli_epi64(even, 32)),
        left(_mm256_add_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(q.left_shifts + channel)),
                              _mm256_set1_epi32(1))),
        right(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(q.right_shifts + channel))),
        // A count of -1 gives 0.
        half(_mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_sub_epi32(right, _mm256_set1_epi32(1)))) {}

  __m256i operator()(__m256i sums) const {
    const __m256i twice = _mm256_sllv_epi32(sums, left);
    const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 31);
    const __m256i low = _mm256_add_epi64(_mm256_mul_epi32(twice, even), nudge);
    const __m256i high = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(twice, 32), odd), nudge);
    const __m256i products = _mm256_blend_epi32(_mm256_srli_epi64(low, 32), high, 0xaa);
    return _mm256_srav_epi32(_mm256_add_epi32(products, half), right);
  }
};

// Codes of sixteen rounded products, channels in order.
__m128i codes_of(__m256i products0, __m256i products1, const Requantization& q) {
  const __m256i zero_point = _mm256_set1_epi16(static_cast<int16_t>(q.zero_point));
  const __m256i wide = _mm256_adds_epi16(_mm256_packs_epi32(products0, products1), zero_point);
  // Channels 0-3, 8-11, 4-7, 12-15.
  const __m128i mixed = _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  const __m128i codes = _mm_shuffle_epi32(mixed, _MM_SHUFFLE(3, 1, 2, 0));
  return _mm_min_epi8(_mm_max_epi8(codes, _mm_set1_epi8(static_cast<char>(q.min))),
                      _mm_set1_epi8(static_cast<char>(q.max)));
}

// As in requantize_litert: above, where the conversion would overflow, products are clamped; below, the overflow value
// saturates as the clamped one does.
struct FloatProducts {
  __m256 scales;

  FloatProducts(const Requantization& q, int64_t channel) : scales(_mm256_loadu_ps(q.scales + channel)) {}
  __m256i operator()(__m256i sums) const {
    const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales);
    return _mm256_cvtps_epi32(_mm256_min_ps(product, _mm256_set1_ps(1073741824.0f)));
  }
};

struct Avx2 {
  using V = __m256i;
  using W = __m256i;
  using A = __m256i;
  using Part = __m256i;
  // The sums of two products are within 15 * 2 * 128 = 3840.
  static constexpr int kLanes = 8, kRows = 4, kVectors = 2, kPairs = 4;

  static W load_packed(const std::byte* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static W low(W w) { return _mm256_and_si256(w, _mm256_set1_epi8(15)); }
  static W high(W w) { return _mm256_and_si256(_mm256_srli_epi16(w, 4), _mm256_set1_epi8(15)); }
  static A load_codes(const std::byte* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return _mm256_set1_epi32(four);
  }
  static Part zero() { return _mm256_setzero_si256(); }
  static void multiply_add(Part& part, W w, A a) {
    part = _mm256_add_epi16(part, _mm256_maddubs_epi16(w, a));
    asm volatile("" : "+x"(part));  // one row after the other: else g++ runs out of registers
  }
  static V finish(V sum, Part part) { return _mm256_add_epi32(sum, _mm256_madd_epi16(part, _mm256_set1_epi16(1))); }
  static V load(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(V v, int32_t* p) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static V subtract(V sum, int32_t value) { return _mm256_sub_epi32(sum, _mm256_set1_epi32(value)); }

  template <int kCount>
  static void store_sums(const int32_t* sums, int rows, int64_t columns, int32_t* out, int64_t stride) {
    for (int r = 0; r < rows; ++r, sums += kCount * kLanes, out += stride) {
      __builtin_memcpy(out, sums, static_cast<size_t>(columns) * sizeof(int32_t));
    }
  }
  template <int kCount>
  static void store_codes(const int32_t* sums, int rows, int64_t columns, const Requantization& q, int8_t* out,
                          int64_t stride) {
    if (q.multipliers != nullptr) {
      store_products<kCount, HalfUpProducts>(sums, rows, columns, q, out, stride);
    } else {
      store_products<kCount, FloatProducts>(sums, rows, columns, q, out, stride);
    }
  }
  template <int kCount, typename Products>
  static void store_products(const int32_t* sums, int rows, int64_t columns, const Requantization& q, int8_t* out,
                             int64_t stride) {
    constexpr int kLast = (kCount - 1) * kLanes;
    const Products first(q, 0), last(q, kLast);
    for (int r = 0; r < rows; ++r, sums += kCount * kLanes, out += stride) {
      const __m128i codes = codes_of(first(load(sums)), last(load(sums + kLast)), q);
      if (columns == 16) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
      } else if (columns == 8) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out), codes);
      } else {
        alignas(16) int8_t all[16];
        _mm_store_si128(reinterpret_cast<__m128i*>(all), codes);
        __builtin_memcpy(out, all, static_cast<size_t>(columns));
      }
    }
  }
};

#include "gemm/int4_kernels.inc.hpp"
#include "gemm/int4_prepare_rows_avx2.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt4Avx2 = int4_kernel_set<Avx2>("int4_gemm_avx2", int4_prepare_rows);

}  // namespace burin::gemm
