// AVX2: 16-bit multiply-add, exact for every code and weight.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_avx2.inc.hpp"

struct Avx2 : Sums256 {
  using W = __m256i;
  using A = __m256i;
  static constexpr int kGroup = 2, kCodeBytes = 2;

  template <int>
  static W load_weights(const std::byte* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static A load_codes(const std::byte* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return _mm256_set1_epi32(pair);
  }
  static V multiply_add(V sum, A a, W w) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w)); }
};

#include "gemm/int8_kernels.inc.hpp"

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    int64_t k = 0;
    for (; k + 16 <= depth; k += 16) {
      const __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + k)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 2 * k), wide);
    }
    for (; k < depth + depth % 2; ++k) {
      const int16_t wide = k < depth ? codes[k] : int16_t{0};
      __builtin_memcpy(out + 2 * k, &wide, sizeof(wide));
    }
  }
}

// Two rows of sixteen channels: 16-bit codes side by side.
struct Avx2Strips {
  using V = __m256i;
  using W = __m256i;
  using R = __m256i;
  using Weight = int16_t;
  static constexpr int kLanes = 8, kVectors = 2, kGroup = 2, kPixels = 2, kOffset = 0;

  static V load(const int32_t* p) { return Sums256::load(p); }
  static R load_row(const int8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static void interleave(const R (&rows)[kGroup], std::byte* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_unpacklo_epi16(rows[0], rows[1]));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out) + 1, _mm256_unpackhi_epi16(rows[0], rows[1]));
  }
  static W load_codes(const std::byte* p) {
    W codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    asm("" : "+x"(codes));  // kept in a register: else compilers load it again for every product
    return codes;
  }
  static V multiply_add(V sum, W codes, W weights) { return Avx2::multiply_add(sum, codes, weights); }

  template <bool kPlain, int kCount>
  static void store_block_codes(const V (*sums)[kVectors], int64_t columns, const float* scales,
                                const Requantization& q, int8_t* out, int64_t stride) {
#pragma GCC unroll 4
    for (int p = 0; p < kCount; p += 2) {
      const V(&a)[kVectors] = sums[p];
      const V(&b)[kVectors] = sums[p + 1 < kCount ? p + 1 : p];
      const __m256i codes = packed_codes<kPlain>(
          rounded_products<kPlain>(a[0], scales), rounded_products<kPlain>(a[1], scales + kLanes),
          rounded_products<kPlain>(b[0], scales), rounded_products<kPlain>(b[1], scales + kLanes), q);
      const __m256i ordered = _mm256_permute4x64_epi64(codes, _MM_SHUFFLE(3, 1, 2, 0));
      store_pixel(_mm256_castsi256_si128(ordered), columns, out + p * stride);
      if (p + 1 < kCount) store_pixel(_mm256_extracti128_si256(ordered, 1), columns, out + (p + 1) * stride);
    }
  }
  static constexpr bool kStoresFloats = true;
  // Sums of a pixel: channels 0-3, 8-11, then 4-7, 12-15.
  static void store_block_floats(const int32_t* sums, int pixels, int64_t columns, Dequantization d, int64_t row,
                                 int64_t channel, float* out, int64_t stride) {
    d.scales += channel;
    d.bias += channel;
    d.weight_sums += channel;
    for (int p = 0; p < pixels; ++p, sums += kVectors * kLanes, out += stride) {
      const V a = load(sums), b = load(sums + kLanes);
      const V ordered[kVectors] = {_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31)};
      Avx2::store_floats<kVectors>(ordered, columns, d.rows[(row + p) * d.row_step], d, out);
    }
  }
  static void store_pixel(__m128i codes, int64_t columns, int8_t* out) {
    if (columns == 16) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
    } else if (columns == 8) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out), codes);
    } else {
      store_first(out, codes, columns);
    }
  }
};

#include "gemm/int8_depthwise_strips.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt8Avx2 = int8_kernel_set<Avx2>("int8_gemm_avx2", 0, prepare_rows);

constinit const Int8DepthwiseKernels kInt8DepthwiseAvx2 = int8_strip_kernels<Avx2Strips>("int8_depthwise_avx2");

}  // namespace burin::gemm
