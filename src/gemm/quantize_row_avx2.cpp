// AVX2.
#include <immintrin.h>

#include "gemm/quantize_row.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kLanes = 8;
constexpr int64_t kRows = 8;  // whose parameters are computed together

struct Extremes {
  __m256 low, high;
};

// The second operand of a minimum or maximum is what NaN gives.
Extremes vector_extremes(const float* values, int64_t count, float low, float high) {
  __m256 low0 = _mm256_set1_ps(low), low1 = low0, low2 = low0, low3 = low0;
  __m256 high0 = _mm256_set1_ps(high), high1 = high0, high2 = high0, high3 = high0;
  int64_t at = 0;
  for (; at + 4 * kLanes <= count; at += 4 * kLanes) {
    const __m256 x0 = _mm256_loadu_ps(values + at), x1 = _mm256_loadu_ps(values + at + 8);
    const __m256 x2 = _mm256_loadu_ps(values + at + 16), x3 = _mm256_loadu_ps(values + at + 24);
    low0 = _mm256_min_ps(x0, low0), high0 = _mm256_max_ps(x0, high0);
    low1 = _mm256_min_ps(x1, low1), high1 = _mm256_max_ps(x1, high1);
    low2 = _mm256_min_ps(x2, low2), high2 = _mm256_max_ps(x2, high2);
    low3 = _mm256_min_ps(x3, low3), high3 = _mm256_max_ps(x3, high3);
  }
  for (; at + kLanes <= count; at += kLanes) {
    const __m256 x = _mm256_loadu_ps(values + at);
    low0 = _mm256_min_ps(x, low0), high0 = _mm256_max_ps(x, high0);
  }
  for (; at < count; ++at) {
    const __m256 x = _mm256_broadcast_ss(values + at);
    low1 = _mm256_min_ps(x, low1), high1 = _mm256_max_ps(x, high1);
  }
  return {_mm256_min_ps(_mm256_min_ps(low0, low1), _mm256_min_ps(low2, low3)),
          _mm256_max_ps(_mm256_max_ps(high0, high1), _mm256_max_ps(high2, high3))};
}

void extremes(const float* values, int64_t count, float& low, float& high) {
  const Extremes all = vector_extremes(values, count, low, high);
  alignas(32) float lows[kLanes], highs[kLanes];
  _mm256_store_ps(lows, all.low);
  _mm256_store_ps(highs, all.high);
  for (int i = 0; i < kLanes; ++i) {
    low = lows[i] < low ? lows[i] : low;
    high = highs[i] > high ? highs[i] : high;
  }
}

template <bool kClamp>
struct Coder {
  __m256 inverse, zero_point, min, max;

  explicit Coder(const RowAffine& affine)
      : inverse(_mm256_set1_ps(affine.inverse)),
        zero_point(_mm256_set1_ps(static_cast<float>(affine.zero_point))),
        min(_mm256_set1_ps(static_cast<float>(affine.min))),
        max(_mm256_set1_ps(static_cast<float>(affine.max))) {}

  __m256i operator()(__m256 x) const {
    __m256 code = _mm256_add_ps(zero_point, _mm256_mul_ps(x, inverse));
    if constexpr (kClamp) code = _mm256_min_ps(_mm256_max_ps(code, min), max);
    // The largest float below a half: added before cutting off, it rounds exactly as std::round.
    const __m256 sign = _mm256_and_ps(code, _mm256_set1_ps(-0.0f));
    return _mm256_cvttps_epi32(_mm256_add_ps(code, _mm256_or_ps(sign, _mm256_set1_ps(0.49999997f))));
  }
};

template <bool kClamp>
void write_codes(const float* values, int64_t count, const RowAffine& affine, int8_t* out) {
  const Coder<kClamp> code(affine);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  int64_t at = 0;
  for (; at + 32 <= count; at += 32) {
    const __m256i a = code(_mm256_loadu_ps(values + at)), b = code(_mm256_loadu_ps(values + at + 8));
    const __m256i c = code(_mm256_loadu_ps(values + at + 16)), d = code(_mm256_loadu_ps(values + at + 24));
    const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + at), _mm256_permutevar8x32_epi32(packed, order));
  }
  for (; at + 8 <= count; at += 8) {
    const __m256i a = code(_mm256_loadu_ps(values + at));
    const __m128i wide = _mm_packs_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + at), _mm_packs_epi16(wide, wide));
  }
  if (at == count) return;
  alignas(32) float rest[8] = {};
  alignas(32) int32_t last[8];
  __builtin_memcpy(rest, values + at, static_cast<size_t>(count - at) * sizeof(float));
  const __m256i a =
      _mm256_max_epi32(_mm256_min_epi32(code(_mm256_load_ps(rest)), _mm256_set1_epi32(127)), _mm256_set1_epi32(-128));
  _mm256_store_si256(reinterpret_cast<__m256i*>(last), a);
  for (int64_t i = 0; at + i < count; ++i) out[at + i] = static_cast<int8_t>(last[i]);
}

// Finite values between the extremes of an asymmetric row have codes that need no clamp: packing saturates, and NaN
// converts to the lowest code. The inverse is infinite where the step is too small for a float.
void codes(const float* values, int64_t count, const RowAffine& affine, int8_t* out) {
  if (affine.min == -128 && affine.max == 127 && affine.inverse < __builtin_inff()) {
    write_codes<false>(values, count, affine, out);
  } else {
    write_codes<true>(values, count, affine, out);
  }
}

// The largest of each of eight vectors, in order.
__m256 transposed_max(const __m256* v) {
  __m256 pairs[4];
  for (int i = 0; i < 4; ++i) {
    pairs[i] = _mm256_max_ps(_mm256_unpacklo_ps(v[2 * i], v[2 * i + 1]), _mm256_unpackhi_ps(v[2 * i], v[2 * i + 1]));
  }
  // Lanes (0, 1, 0, 1) of two rows each -> of four rows.
  const auto join = [](__m256 a, __m256 b) {
    return _mm256_max_ps(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 1, 0)),
                         _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 2, 3, 2)));
  };
  const __m256 a = join(pairs[0], pairs[1]), b = join(pairs[2], pairs[3]);
  return _mm256_max_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

// row_affine of four asymmetric rows: zero points.
__m128i zero_points(__m256d low, __m256d high, __m256d step) {
  const __m256d sign = _mm256_set1_pd(-0.0);
  const __m256d low_steps = _mm256_div_pd(low, step), high_steps = _mm256_div_pd(high, step);
  const __m256d from_low = _mm256_sub_pd(_mm256_set1_pd(-128.0), low_steps);
  const __m256d from_high = _mm256_sub_pd(_mm256_set1_pd(127.0), high_steps);
  const __m256d error_low = _mm256_add_pd(_mm256_set1_pd(128.0), _mm256_andnot_pd(sign, low_steps));
  const __m256d error_high = _mm256_add_pd(_mm256_set1_pd(127.0), _mm256_andnot_pd(sign, high_steps));
  __m256d exact = _mm256_blendv_pd(from_high, from_low, _mm256_cmp_pd(error_low, error_high, _CMP_LT_OQ));
  exact = _mm256_min_pd(_mm256_max_pd(exact, _mm256_set1_pd(-128.0)), _mm256_set1_pd(127.0));
  const __m256d half = _mm256_or_pd(_mm256_and_pd(exact, sign), _mm256_set1_pd(0.49999999999999994));
  return _mm256_cvttpd_epi32(_mm256_add_pd(exact, half));
}

void asymmetric_affine(__m256 low, __m256 high, RowAffine* affine) {
  const __m256d low0 = _mm256_cvtps_pd(_mm256_castps256_ps128(low)),
                low1 = _mm256_cvtps_pd(_mm256_extractf128_ps(low, 1));
  const __m256d high0 = _mm256_cvtps_pd(_mm256_castps256_ps128(high));
  const __m256d high1 = _mm256_cvtps_pd(_mm256_extractf128_ps(high, 1));
  const __m256d step0 = _mm256_div_pd(_mm256_sub_pd(high0, low0), _mm256_set1_pd(255.0));
  const __m256d step1 = _mm256_div_pd(_mm256_sub_pd(high1, low1), _mm256_set1_pd(255.0));
  const __m256i zero_point = _mm256_set_m128i(zero_points(low1, high1, step1), zero_points(low0, high0, step0));
  const __m256 scale = _mm256_set_m128(_mm256_cvtpd_ps(step1), _mm256_cvtpd_ps(step0));
  const __m256 one = _mm256_set1_ps(1.0f);
  const __m256 valid = _mm256_cmp_ps(low, high, _CMP_LT_OQ);
  alignas(32) float scales[kRows], inverses[kRows];
  alignas(32) int32_t points[kRows];
  _mm256_store_ps(scales, _mm256_blendv_ps(one, scale, valid));
  _mm256_store_ps(inverses, _mm256_blendv_ps(one, _mm256_div_ps(one, scale), valid));
  _mm256_store_si256(reinterpret_cast<__m256i*>(points), _mm256_and_si256(zero_point, _mm256_castps_si256(valid)));
  for (int r = 0; r < kRows; ++r) affine[r] = {scales[r], inverses[r], points[r], -128, 127};
}

void rows(const float* values, int64_t rows, int64_t columns, RowCoding coding, RowAffine* affine, int8_t* out) {
  int64_t row = 0;
  for (; coding == RowCoding::kAsymmetric && row + kRows <= rows; row += kRows) {
    __m256 low[kRows], high[kRows];
    for (int r = 0; r < kRows; ++r) {
      const Extremes all = vector_extremes(values + (row + r) * columns, columns, 0.0f, 0.0f);
      low[r] = _mm256_xor_ps(all.low, _mm256_set1_ps(-0.0f));
      high[r] = all.high;
    }
    asymmetric_affine(_mm256_xor_ps(transposed_max(low), _mm256_set1_ps(-0.0f)), transposed_max(high), affine + row);
    for (int r = 0; r < kRows; ++r) {
      codes(values + (row + r) * columns, columns, affine[row + r], out + (row + r) * columns);
    }
  }
  for (; row < rows; ++row) {
    float low = 0.0f, high = 0.0f;
    extremes(values + row * columns, columns, low, high);
    affine[row] = row_affine(low, high, coding);
    codes(values + row * columns, columns, affine[row], out + row * columns);
  }
}

}  // namespace

constinit const QuantizeRowKernels kQuantizeRowAvx2 = {extremes, codes, rows};

}  // namespace burin::gemm
