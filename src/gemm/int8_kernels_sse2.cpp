// SSE2, which every x86-64 processor has: 16-bit multiply-add.
#if defined(__SSE2__)
#include <emmintrin.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

// As rounded_products in int8_avx2.inc.hpp.
inline __m128i rounded_products(__m128i sums, const float* scales) {
  const __m128 product = _mm_mul_ps(_mm_cvtepi32_ps(sums), _mm_loadu_ps(scales));
  return _mm_cvtps_epi32(_mm_min_ps(product, _mm_set1_ps(1073741824.0f)));
}

// Codes of eight sums, as 16-bit numbers.
inline __m128i wide_codes(__m128i sums0, __m128i sums1, const float* scales, const Requantization& q) {
  const __m128i wide = _mm_packs_epi32(rounded_products(sums0, scales), rounded_products(sums1, scales + 4));
  const __m128i codes = _mm_adds_epi16(wide, _mm_set1_epi16(static_cast<int16_t>(q.zero_point)));
  return _mm_min_epi16(_mm_max_epi16(codes, _mm_set1_epi16(static_cast<int16_t>(q.min))),
                       _mm_set1_epi16(static_cast<int16_t>(q.max)));
}

inline __m128i low_as_16_bit(__m128i codes) { return _mm_srai_epi16(_mm_unpacklo_epi8(codes, codes), 8); }
inline __m128i high_as_16_bit(__m128i codes) { return _mm_srai_epi16(_mm_unpackhi_epi8(codes, codes), 8); }

inline __m128i add_products(__m128i sum, __m128i a, __m128i b) { return _mm_add_epi32(sum, _mm_madd_epi16(a, b)); }

inline void store_first(int8_t* out, __m128i codes, int64_t count) {
  alignas(16) int8_t all[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(all), codes);
  __builtin_memcpy(out, all, static_cast<size_t>(count));
}

struct Sse2 {
  using V = __m128i;
  using W = __m128i;
  using A = __m128i;
  static constexpr int kLanes = 4, kRows = 6, kVectors = 2, kGroup = 2, kCodeBytes = 2;

  static V load(const int32_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static V load_start(const int32_t* p) { return load(p); }
  static void store(V v, int32_t* p) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
  template <int>
  static W load_weights(const std::byte* p) {
    return low_as_16_bit(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  static A load_codes(const std::byte* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return _mm_set1_epi32(pair);
  }
  static V multiply_add(V sum, A a, W w) { return add_products(sum, a, w); }

  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
    alignas(16) int32_t all[kCount * kLanes];
    for (int v = 0; v < kCount; ++v) store(sums[v], all + v * kLanes);
    __builtin_memcpy(out, all, static_cast<size_t>(columns) * sizeof(int32_t));
  }
  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    alignas(16) int32_t all[kCount * kLanes];
    for (int v = 0; v < kCount; ++v) store(sums[v], all + v * kLanes);
    const auto zero_point = static_cast<uint32_t>(row.zero_point);
    for (int64_t i = 0; i < columns; ++i) {
      const uint32_t offset = zero_point * static_cast<uint32_t>(d.weight_sums[i]);
      const auto sum = static_cast<int32_t>(static_cast<uint32_t>(all[i]) - offset);
      const float value = static_cast<float>(sum) * (row.scale * d.scales[i]) + d.bias[i];
      out[i] = value < d.min ? d.min : value > d.max ? d.max : value;
    }
  }
  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    const __m128i wide = wide_codes(sums[0], sums[kCount - 1], q.scales, q);
    const __m128i codes = _mm_packs_epi16(wide, wide);
    if (columns == 8) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out), codes);
    } else {
      store_first(out, codes, columns);
    }
  }
  static constexpr bool kStoresAnyCodes = true;
  static constexpr bool kMayLeaveTiles = false;
  template <int kCount, int kVectorsOfRow>
  static bool store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const float* /*scales*/,
                               const Requantization& q, int8_t* out, int64_t stride) {
#pragma GCC unroll 16
    for (int r = 0; r < kCount; ++r) store_codes<kVectorsOfRow>(sums[r], columns, q, out + r * stride);
    return true;
  }
};

#include "gemm/int8_kernels.inc.hpp"

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    int64_t k = 0;
    for (; k + 16 <= depth; k += 16) {
      const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + k));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * k), low_as_16_bit(sixteen));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * k + 16), high_as_16_bit(sixteen));
    }
    for (; k < depth + depth % 2; ++k) {
      const int16_t wide = k < depth ? codes[k] : int16_t{0};
      __builtin_memcpy(out + 2 * k, &wide, sizeof(wide));
    }
  }
}

// Two rows of sixteen channels: 16-bit codes side by side.
struct Sse2Strips {
  using V = __m128i;
  using W = __m128i;
  struct R {
    __m128i low, high;
  };
  using Weight = int16_t;
  static constexpr int kLanes = 4, kVectors = 4, kGroup = 2, kPixels = 1, kOffset = 0;

  static V load(const int32_t* p) { return Sse2::load(p); }
  static R load_row(const int8_t* p) {
    const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return {low_as_16_bit(codes), high_as_16_bit(codes)};
  }
  static void interleave(const R (&rows)[kGroup], std::byte* out) {
    auto* to = reinterpret_cast<__m128i*>(out);
    _mm_storeu_si128(to, _mm_unpacklo_epi16(rows[0].low, rows[1].low));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(rows[0].low, rows[1].low));
    _mm_storeu_si128(to + 2, _mm_unpacklo_epi16(rows[0].high, rows[1].high));
    _mm_storeu_si128(to + 3, _mm_unpackhi_epi16(rows[0].high, rows[1].high));
  }
  static W load_codes(const std::byte* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static V multiply_add(V sum, W codes, W weights) { return add_products(sum, codes, weights); }

  template <bool kPlain, int kCount>
  static void store_block_codes(const V (*sums)[kVectors], int64_t columns, const float* scales,
                                const Requantization& q, int8_t* out, int64_t stride) {
    for (int p = 0; p < kCount; ++p, out += stride) {
      const __m128i codes = _mm_packs_epi16(wide_codes(sums[p][0], sums[p][1], scales, q),
                                            wide_codes(sums[p][2], sums[p][3], scales + 2 * kLanes, q));
      if (columns == 16) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
      } else {
        store_first(out, codes, columns);
      }
    }
  }
};

#include "gemm/int8_depthwise_strips.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt8Sse2 = int8_kernel_set<Sse2>("int8_gemm_sse2", 0, prepare_rows);

constinit const Int8DepthwiseKernels kInt8DepthwiseSse2 = int8_strip_kernels<Sse2Strips>("int8_depthwise_sse2");

}  // namespace burin::gemm
#endif
