// AVX2: 8-bit products of 4-bit weights, of which sixteen fit 16-bit sums.
//
// A weight is kept plus 8, as 0..15: the unsigned operand of the products whose signed one are codes as they are. What
// the 8 adds, eight times the sum of a row's codes, is taken off at the end; prepare_rows leaves that sum behind the
// codes of a row. A byte holds the weights of one column and of terms k and k + 4.
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

inline constexpr int64_t kInt4Terms = 8;  // of a packed byte's column

inline int64_t int4_codes_bytes(int64_t depth) { return (depth + kInt4Terms - 1) / kInt4Terms * kInt4Terms; }

inline constexpr int kInt4SumRows = 48;  // whose sums are kept until they are written together

// The sums [kRows][kVectors * lanes] of rows from `row` on.
template <typename Isa, int kRows, int kVectors>
[[gnu::noinline]] void int4_tile(const Int8Panel& p, int64_t row, int32_t* out) {
  constexpr int kStride = kVectors * Isa::kLanes;
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const typename Isa::V start = Isa::load(p.start + v * Isa::kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) Isa::store(start, out + r * kStride + v * Isa::kLanes);
  }
  const std::byte* b = p.b;
  const std::byte* a = p.a + row * p.a_stride;
  for (int64_t pairs = (p.depth + kInt4Terms - 1) / kInt4Terms; pairs > 0; pairs -= Isa::kPairs) {
    typename Isa::Part parts[kRows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) parts[r][v] = Isa::zero();
    }
#pragma GCC unroll 1
    for (int64_t pair = pairs < Isa::kPairs ? pairs : Isa::kPairs; pair > 0; --pair) {
      typename Isa::W weights[kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::low(Isa::load_packed(b + v * Isa::kLanes * 4));
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const typename Isa::A codes = Isa::load_codes(a + r * p.a_stride);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) Isa::multiply_add(parts[r][v], weights[v], codes);
      }
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::high(Isa::load_packed(b + v * Isa::kLanes * 4));
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const typename Isa::A codes = Isa::load_codes(a + r * p.a_stride + 4);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) Isa::multiply_add(parts[r][v], weights[v], codes);
      }
      a += kInt4Terms;
      b += kVectors * Isa::kLanes * 4;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        int32_t* sum = out + r * kStride + v * Isa::kLanes;
        Isa::store(Isa::finish(Isa::load(sum), parts[r][v]), sum);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    int32_t codes;  // a stands behind them
    __builtin_memcpy(&codes, a + r * p.a_stride, sizeof(codes));
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      int32_t* sum = out + r * kStride + v * Isa::kLanes;
      Isa::store(Isa::subtract(Isa::load(sum), codes * 8), sum);
    }
  }
}

// At most kRows rows.
template <typename Isa, int kRows, int kVectors>
inline void int4_rows(const Int8Panel& p, int64_t row, int rows, int32_t* out) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return int4_tile<Isa, kRows, kVectors>(p, row, out);
    int4_rows<Isa, kRows - 1, kVectors>(p, row, rows, out);
  }
}

template <typename Isa, bool kCodes, int kVectors = Isa::kVectors>
void int4_panel(const Int8Panel& p) {
  if constexpr (kVectors > 1) {
    if (p.columns <= (kVectors - 1) * Isa::kLanes) return int4_panel<Isa, kCodes, kVectors - 1>(p);
  }
  alignas(64) int32_t sums[kInt4SumRows][kVectors * Isa::kLanes];
  for (int64_t row = 0; row < p.rows; row += kInt4SumRows) {
    const int rows = static_cast<int>(p.rows - row < kInt4SumRows ? p.rows - row : kInt4SumRows);
    for (int r = 0; r < rows; r += Isa::kRows) {
      int4_rows<Isa, Isa::kRows, kVectors>(p, row + r, rows - r < Isa::kRows ? rows - r : Isa::kRows, sums[r]);
    }
    const int64_t at = row * p.c_stride;
    if constexpr (kCodes) {
      Isa::template store_codes<kVectors>(sums[0], rows, p.columns, p.requantization, static_cast<int8_t*>(p.c) + at,
                                          p.c_stride);
    } else {
      Isa::template store_sums<kVectors>(sums[0], rows, p.columns, static_cast<int32_t*>(p.c) + at, p.c_stride);
    }
  }
}

inline int64_t int4_row_bytes(int64_t depth) { return int4_codes_bytes(depth) + int64_t{sizeof(int32_t)}; }

template <typename Isa>
int64_t int4_panel_bytes(int64_t depth, int64_t columns) {
  return int4_codes_bytes(depth) / 2 * ((columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes);
}

template <typename Isa>
void int4_pack(const Int8Weights& w, std::byte* out) {
  const int64_t columns = (w.columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes;
  const auto nibble = [&](int64_t column, int64_t k) {
    const bool valid = column < w.columns && k < w.depth;
    return valid ? w.data[column * w.column_stride + k * w.k_stride] + 8 : 8;
  };
  for (int64_t k = 0; k < w.depth; k += kInt4Terms) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int64_t i = 0; i < 4; ++i)
        *out++ = static_cast<std::byte>(nibble(column, k + i) | nibble(column, k + i + 4) << 4);
    }
  }
}

template <typename Isa>
constexpr Int8Kernels int4_kernel_set(const char* name, void (*prepare_rows)(const int8_t*, int64_t, int64_t, int64_t,
                                                                             std::byte*, int64_t)) {
  return {.name = name,
          .columns = Isa::kLanes * Isa::kVectors,
          .lanes = Isa::kLanes,
          .rows = Isa::kRows,
          .offset = 0,
          .half_up = true,
          .row_bytes = int4_row_bytes,
          .prepare_rows = prepare_rows,
          .panel_bytes = int4_panel_bytes<Isa>,
          .pack = int4_pack<Isa>,
          .codes = int4_panel<Isa, true>,
          .floats = nullptr,
          .sums = int4_panel<Isa, false>};
}

// Whole groups of terms, then the sum of the codes.
void int4_prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                       int64_t out_stride) {
  const __m256i offset = _mm256_set1_epi8(-128);
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    __m256i sums = _mm256_setzero_si256();  // of the codes plus 128
    int64_t k = 0;
    for (; k + 32 <= depth; k += 32) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + k));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + k), x);
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_xor_si256(x, offset), _mm256_setzero_si256()));
    }
    for (; k < depth; k += 8) {
      int64_t eight = 0;
      __builtin_memcpy(&eight, codes + k, static_cast<size_t>(depth - k < 8 ? depth - k : 8));
      __builtin_memcpy(out + k, &eight, sizeof(eight));
      const __m256i x = _mm256_xor_si256(_mm256_setr_epi64x(eight, 0, 0, 0),
                                         _mm256_setr_epi64x(static_cast<int64_t>(0x8080808080808080), 0, 0, 0));
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(x, _mm256_setzero_si256()));
    }
    const __m128i halves = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    const int64_t sum = _mm_cvtsi128_si64(_mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves)));
    const auto codes_sum = static_cast<int32_t>(sum - 128 * int4_codes_bytes(depth));
    __builtin_memcpy(out + int4_codes_bytes(depth), &codes_sum, sizeof(codes_sum));
  }
}

}  // namespace

constinit const Int8Kernels kInt4Avx2 = int4_kernel_set<Avx2>("int4_gemm_avx2", int4_prepare_rows);

}  // namespace burin::gemm
