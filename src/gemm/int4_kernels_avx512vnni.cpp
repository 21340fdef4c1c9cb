// AVX-512 with VNNI: four products of 4-bit weights with codes per lane.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

// As in int4_kernels_avx2.cpp, for sixteen channels.
struct HalfUpProducts {
  __m512i even, odd, left, right, half;

  HalfUpProducts(const Requantization& q, int64_t channel)
      : even(_mm512_loadu_si512(q.multipliers + channel)),
        odd(_mm512_srli_epi64(even, 32)),
        left(_mm512_add_epi32(_mm512_loadu_si512(q.left_shifts + channel), _mm512_set1_epi32(1))),
        right(_mm512_loadu_si512(q.right_shifts + channel)),
        half(_mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_sub_epi32(right, _mm512_set1_epi32(1)))) {}

  __m512i operator()(__m512i sums) const {
    const __m512i twice = _mm512_sllv_epi32(sums, left);
    const __m512i nudge = _mm512_set1_epi64(int64_t{1} << 31);
    const __m512i low = _mm512_add_epi64(_mm512_mul_epi32(twice, even), nudge);
    const __m512i high = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(twice, 32), odd), nudge);
    const __m512i products = _mm512_mask_mov_epi32(_mm512_srli_epi64(low, 32), 0xaaaa, high);
    return _mm512_srav_epi32(_mm512_add_epi32(products, half), right);
  }
};

struct FloatProducts {
  __m512 scales;

  FloatProducts(const Requantization& q, int64_t channel) : scales(_mm512_loadu_ps(q.scales + channel)) {}
  __m512i operator()(__m512i sums) const {
    const __m512 product = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), scales);
    return _mm512_cvtps_epi32(_mm512_min_ps(product, _mm512_set1_ps(1073741824.0f)));
  }
};

struct Avx512Vnni {
  using V = __m512i;
  using W = __m512i;
  using A = __m512i;
  using Part = __m512i;
  static constexpr int kLanes = 16, kRows = 6, kVectors = 4;
  static constexpr int64_t kPairs = int64_t{1} << 40;  // sums have 32 bits from the start

  static W load_packed(const std::byte* p) { return _mm512_loadu_si512(p); }
  static W low(W w) { return _mm512_and_si512(w, _mm512_set1_epi8(15)); }
  static W high(W w) { return _mm512_and_si512(_mm512_srli_epi16(w, 4), _mm512_set1_epi8(15)); }
  static A load_codes(const std::byte* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return _mm512_set1_epi32(four);
  }
  static Part zero() { return _mm512_setzero_si512(); }
  static void multiply_add(Part& part, W w, A a) { part = _mm512_dpbusd_epi32(part, w, a); }
  static V finish(V sum, Part part) { return _mm512_add_epi32(sum, part); }
  static V load(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void store(V v, int32_t* p) { _mm512_storeu_si512(p, v); }
  static V subtract(V sum, int32_t value) { return _mm512_sub_epi32(sum, _mm512_set1_epi32(value)); }

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
    // Vectors that are not there repeat the last.
    constexpr int kSecond = (kCount > 1 ? 1 : 0) * kLanes;
    constexpr int kThird = (kCount > 2 ? 2 : 0) * kLanes;
    constexpr int kLast = (kCount - 1) * kLanes;
    const Products first(q, 0), second(q, kSecond), third(q, kThird), last(q, kLast);
    const __m512i zero_point = _mm512_set1_epi16(static_cast<int16_t>(q.zero_point));
    const __m512i min = _mm512_set1_epi8(static_cast<char>(q.min)), max = _mm512_set1_epi8(static_cast<char>(q.max));
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __mmask64 mask = columns >= 64 ? ~__mmask64{0} : (__mmask64{1} << columns) - 1;
    for (int r = 0; r < rows; ++r, sums += kCount * kLanes, out += stride) {
      const __m512i wide0 = _mm512_packs_epi32(first(load(sums)), second(load(sums + kSecond)));
      const __m512i wide1 = _mm512_packs_epi32(third(load(sums + kThird)), last(load(sums + kLast)));
      // Four channels of each vector side by side in every 128 bits.
      const __m512i mixed =
          _mm512_packs_epi16(_mm512_adds_epi16(wide0, zero_point), _mm512_adds_epi16(wide1, zero_point));
      const __m512i codes = _mm512_min_epi8(_mm512_max_epi8(_mm512_permutexvar_epi32(order, mixed), min), max);
      if (columns == 64) {
        _mm512_storeu_si512(out, codes);
      } else {
        _mm512_mask_storeu_epi8(out, mask, codes);
      }
    }
  }
};

#include "gemm/int4_kernels.inc.hpp"
#include "gemm/int4_prepare_rows_avx2.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt4Avx512Vnni = int4_kernel_set<Avx512Vnni>("int4_gemm_avx512vnni", int4_prepare_rows);

}  // namespace burin::gemm
