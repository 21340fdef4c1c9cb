// AVX2: 16-bit multiply-add, exact for every code and weight.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

// Products are clamped as in requantize_litert: above, where the conversion would overflow; below, the overflow value
// saturates as the clamped one does.
template <bool kPlain>
inline __m256i rounded_products(__m256i sums, const float* scales) {
  const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_loadu_ps(scales));
  return _mm256_cvtps_epi32(kPlain ? product : _mm256_min_ps(product, _mm256_set1_ps(1073741824.0f)));
}

// Codes of four vectors of products. Of two vectors of a row: sixteen codes of the one row, sixteen of the next; of one
// vector of a row: eight codes of each of four rows.
template <bool kPlain>
inline __m256i packed_codes(__m256i a, __m256i b, __m256i c, __m256i d, const Requantization& q) {
  const __m256i zero_point = _mm256_set1_epi16(static_cast<int16_t>(q.zero_point));
  const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(a, b), zero_point);
  const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(c, d), zero_point);
  __m256i codes = _mm256_packs_epi16(low, high);
  if constexpr (!kPlain) {
    codes = _mm256_max_epi8(codes, _mm256_set1_epi8(static_cast<char>(q.min)));
    codes = _mm256_min_epi8(codes, _mm256_set1_epi8(static_cast<char>(q.max)));
  }
  return _mm256_permutevar8x32_epi32(codes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

inline void store_first(int8_t* out, __m128i codes, int64_t count) {
  alignas(16) int8_t all[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(all), codes);
  __builtin_memcpy(out, all, static_cast<size_t>(count));
}

struct Avx2 {
  using V = __m256i;
  using W = __m256i;
  using A = __m256i;
  static constexpr int kLanes = 8, kRows = 6, kVectors = 2, kGroup = 2, kCodeBytes = 2;

  static V load(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static W load_weights(const int8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static A load_codes(const std::byte* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return _mm256_set1_epi32(pair);
  }
  static V multiply_add(V sum, A a, W w) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w)); }

  // The lanes of vector `v` that hold one of `columns` columns.
  static __m256i valid_lanes(int64_t columns, int v) {
    const int first = static_cast<int>(columns) - v * kLanes;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }

  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
    for (int v = 0; v < kCount; ++v) _mm256_maskstore_epi32(out + v * kLanes, valid_lanes(columns, v), sums[v]);
  }
  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    const __m256i zero_point = _mm256_set1_epi32(row.zero_point);
    const __m256 scale = _mm256_set1_ps(row.scale);
    for (int v = 0; v < kCount; ++v) {
      const __m256i offset = _mm256_mullo_epi32(zero_point, load(d.weight_sums + v * kLanes));
      const __m256 sum = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums[v], offset));
      const __m256 scales = _mm256_mul_ps(scale, _mm256_loadu_ps(d.scales + v * kLanes));
      const __m256 value = _mm256_add_ps(_mm256_mul_ps(sum, scales), _mm256_loadu_ps(d.bias + v * kLanes));
      // The second operand is what NaN gives.
      const __m256 high = _mm256_max_ps(_mm256_set1_ps(d.min), value);
      _mm256_maskstore_ps(out + v * kLanes, valid_lanes(columns, v), _mm256_min_ps(_mm256_set1_ps(d.max), high));
    }
  }
  static constexpr bool kStoresTiles = true;
  static constexpr int rows_of(int vectors) { return vectors == 1 ? 12 : kRows; }

  template <bool kPlain, int kCount, int kVectorsOfRow>
  static void store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const Requantization& q, int8_t* out,
                               int64_t stride) {
    constexpr int kStep = 4 / kVectorsOfRow;  // rows of four vectors
#pragma GCC unroll 16
    for (int r = 0; r < kCount; r += kStep) {
      __m256i products[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const int row = r + i / kVectorsOfRow;
        products[i] =
            row < kCount ? rounded_products<kPlain>(sums[row][i % kVectorsOfRow], q.scales + i % kVectorsOfRow * kLanes)
                         : products[i - kVectorsOfRow];
      }
      const __m256i codes = packed_codes<kPlain>(products[0], products[1], products[2], products[3], q);
      const __m128i half[2] = {_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1)};
#pragma GCC unroll 4
      for (int i = 0; i < kStep; ++i) {
        if (r + i < kCount) store_row<kVectorsOfRow>(half, i, columns, out + (r + i) * stride);
      }
    }
  }

  // Row `i` of those in `half`, as packed_codes leaves them.
  template <int kVectorsOfRow>
  static void store_row(const __m128i (&half)[2], int i, int64_t columns, int8_t* out) {
    constexpr int kColumns = kVectorsOfRow * kLanes;
    __m128i codes = half[i * kColumns / 16];
    if (i * kColumns % 16 != 0) codes = _mm_unpackhi_epi64(codes, codes);
    if (columns != kColumns) {
      store_first(out, codes, columns);
    } else if constexpr (kVectorsOfRow == 2) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
    } else {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out), codes);
    }
  }
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

// Sixteen bytes of a row that has `count` of them.
__m128i load_first(const int8_t* p, int64_t count) {
  alignas(16) int8_t all[16] = {};
  __builtin_memcpy(all, p, static_cast<size_t>(count));
  return _mm_load_si128(reinterpret_cast<const __m128i*>(all));
}

// kPixels pixels, sixteen channels from `channel` on; only the first `count` where kPartial.
template <Output kOutput, int kPixels, bool kPartial>
inline void depthwise_tile(const Int8Depthwise& d, int64_t pixel, int64_t channel, int64_t padded, int64_t count) {
  __m256i sums[kPixels][2];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
    sums[p][0] = Avx2::load(d.start + channel);
    sums[p][1] = Avx2::load(d.start + channel + 8);
  }
  const int64_t offset = pixel * d.input_stride + channel;
  const int16_t* weights = d.weights + channel * 2;
  for (int64_t pair = 0; pair < d.pairs; ++pair, weights += padded * 2) {
    const int8_t* input0 = d.inputs[2 * pair] + offset;
    const int8_t* input1 = d.inputs[2 * pair + 1] + offset;
    const __m256i weights0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
    const __m256i weights1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 16));
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) {
      const int8_t* p0 = input0 + p * d.input_stride;
      const int8_t* p1 = input1 + p * d.input_stride;
      const __m128i x0 = kPartial ? load_first(p0, count) : _mm_loadu_si128(reinterpret_cast<const __m128i*>(p0));
      const __m128i x1 = kPartial ? load_first(p1, count) : _mm_loadu_si128(reinterpret_cast<const __m128i*>(p1));
      const __m256i low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(x0, x1));
      const __m256i high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(x0, x1));
      sums[p][0] = Avx2::multiply_add(sums[p][0], low, weights0);
      sums[p][1] = Avx2::multiply_add(sums[p][1], high, weights1);
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
    const int64_t at = (pixel + p) * d.output_stride + channel;
    if constexpr (kOutput == Output::kCodes) {
      Requantization q = d.requantization;
      q.scales += channel;
      Avx2::store_tile_codes<false, 1, 2>(sums + p, count, q, static_cast<int8_t*>(d.output) + at, 0);
    } else if constexpr (kOutput == Output::kFloats) {
      Dequantization q = d.dequantization;
      q.scales += channel;
      q.bias += channel;
      q.weight_sums += channel;
      const RowAffine& row = q.rows[(pixel + p) * q.row_step];
      Avx2::store_floats<2>(sums[p], count, row, q, static_cast<float*>(d.output) + at);
    } else {
      Avx2::store_sums<2>(sums[p], count, static_cast<int32_t*>(d.output) + at);
    }
  }
}

template <Output kOutput, int kPixels>
inline void depthwise_pixels(const Int8Depthwise& d, int64_t pixel) {
  const int64_t padded = (d.channels + 15) / 16 * 16;
  if (d.channels < 16) {
    depthwise_tile<kOutput, kPixels, true>(d, pixel, 0, padded, d.channels);
    return;
  }
  int64_t channel = 0;
  for (; channel + 16 <= d.channels; channel += 16)
    depthwise_tile<kOutput, kPixels, false>(d, pixel, channel, padded, 16);
  // The last sixteen once more instead of a partial vector.
  if (channel < d.channels) depthwise_tile<kOutput, kPixels, false>(d, pixel, d.channels - 16, padded, 16);
}

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  int64_t pixel = 0;
  for (; pixel + 4 <= d.pixels; pixel += 4) depthwise_pixels<kOutput, 4>(d, pixel);
  for (; pixel < d.pixels; ++pixel) depthwise_pixels<kOutput, 1>(d, pixel);
}

}  // namespace

constinit const Int8Kernels kInt8Avx2 = int8_kernel_set<Avx2>("int8_gemm_avx2", 0, prepare_rows);

constinit const Int8DepthwiseKernels kInt8DepthwiseAvx2 = {"int8_depthwise_avx2", depthwise<Output::kCodes>,
                                                           depthwise<Output::kFloats>, depthwise<Output::kSums>};

}  // namespace burin::gemm
