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

// Codes of four vectors of products; every 128 bits hold four of each.
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
  return codes;
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
  static void store(V v, int32_t* p) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
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
      const __m256 clamped = _mm256_min_ps(_mm256_set1_ps(d.max), high);
      if (columns >= (v + 1) * kLanes) {  // masked stores are slow
        _mm256_storeu_ps(out + v * kLanes, clamped);
      } else {
        _mm256_maskstore_ps(out + v * kLanes, valid_lanes(columns, v), clamped);
      }
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
      // Of two vectors of a row: sixteen codes of the one row, sixteen of the next; of one: eight of each of four rows.
      const __m256i mixed = packed_codes<kPlain>(products[0], products[1], products[2], products[3], q);
      const __m256i codes = _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
      const __m128i half[2] = {_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1)};
#pragma GCC unroll 4
      for (int i = 0; i < kStep; ++i) {
        if (r + i < kCount) store_row<kVectorsOfRow>(half, i, columns, out + (r + i) * stride);
      }
    }
  }

  // Row `i` of those in `half`.
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

// Two rows of sixteen channels: 16-bit codes side by side.
struct Avx2Strips {
  using V = __m256i;
  using W = __m256i;
  using R = __m256i;
  using Weight = int16_t;
  static constexpr int kLanes = 8, kVectors = 2, kGroup = 2, kPixels = 2, kOffset = 0;

  static V load(const int32_t* p) { return Avx2::load(p); }
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
