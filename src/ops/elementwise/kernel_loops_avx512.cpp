#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstdint>

#include "ops/elementwise/loops.hpp"
#include "ops/selection.hpp"

namespace burin {

namespace {
#include "ops/elementwise/kernel_loops.inc.hpp"

constexpr int64_t kCodes = 64;  // of a vector

inline __m512i sixteen(const int8_t* codes) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
}

// 64 numbers, each vector sixteen neighbours, plus the zero point, as codes within -128..127.
inline __m512i saturated_codes(const __m512i (&values)[4], int32_t zero_point) {
  const __m512i zero_points = _mm512_set1_epi16(static_cast<int16_t>(zero_point));
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(values[0], values[1]), zero_points);
  const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(values[2], values[3]), zero_points);
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high));
}

void sum_s8_by_64(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count, const CodeSum& s) {
  int64_t i = 0;
  if (b_step != 0) {
    const __m512i bias = _mm512_set1_epi32(s.bias), a_factor = _mm512_set1_epi32(s.a_factor);
    const __m512i b_factor = _mm512_set1_epi32(s.b_factor);
    const __m128i shift = _mm_cvtsi32_si128(s.shift);
    const __m512i min = _mm512_set1_epi8(static_cast<char>(s.min)), max = _mm512_set1_epi8(static_cast<char>(s.max));
    for (; i + kCodes <= count; i += kCodes) {
      __m512i sums[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const __m512i of_a = _mm512_mullo_epi32(sixteen(a + i + 16 * j), a_factor);
        const __m512i of_b = _mm512_mullo_epi32(sixteen(b + i + 16 * j), b_factor);
        sums[j] = _mm512_sra_epi32(_mm512_add_epi32(_mm512_add_epi32(of_a, bias), of_b), shift);
      }
      const __m512i codes = saturated_codes(sums, s.zero_point);
      _mm512_storeu_si512(y + i, _mm512_min_epi8(_mm512_max_epi8(codes, min), max));
    }
  }
  sum_s8(a + i, b_step != 0 ? b + i : b, b_step, y + i, count - i, s);
}

void product_s8_by_64(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                      const CodeProduct& p) {
  const __m512i a_zero_point = _mm512_set1_epi32(p.a_zero_point), b_zero_point = _mm512_set1_epi32(p.b_zero_point);
  const __m512 scale = _mm512_set1_ps(p.scale), min = _mm512_set1_ps(p.min), max = _mm512_set1_ps(p.max);
  __m512i of_b = _mm512_sub_epi32(_mm512_set1_epi32(*b), b_zero_point);
  int64_t i = 0;
  for (; i + kCodes <= count; i += kCodes) {
    __m512i rounded[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      if (b_step != 0) of_b = _mm512_sub_epi32(sixteen(b + i + 16 * j), b_zero_point);
      const __m512i product = _mm512_mullo_epi32(_mm512_sub_epi32(sixteen(a + i + 16 * j), a_zero_point), of_b);
      const __m512 real = _mm512_mul_ps(_mm512_cvtepi32_ps(product), scale);
      rounded[j] = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(real, min), max));
    }
    _mm512_storeu_si512(y + i, saturated_codes(rounded, p.zero_point));
  }
  product_s8(a + i, b_step != 0 ? b + i : b, b_step, y + i, count - i, p);
}

void quantize_s8_by_64(const float* x, int8_t* y, int64_t count, const CodeRounding& r) {
  const __m512 scale = _mm512_set1_ps(r.inverse_scale), min = _mm512_set1_ps(r.min), max = _mm512_set1_ps(r.max);
  int64_t i = 0;
  for (; i + kCodes <= count; i += kCodes) {
    __m512i rounded[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const __m512 real = _mm512_mul_ps(_mm512_loadu_ps(x + i + 16 * j), scale);
      // The second operand is what NaN gives.
      rounded[j] = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(real, min), max));
    }
    _mm512_storeu_si512(y + i, saturated_codes(rounded, r.zero_point));
  }
  quantize_s8(x + i, y + i, count - i, r);
}
}  // namespace

constinit const ElementLoops kLoopsAvx512 = [] {
  ElementLoops loops = kLoops;
  loops.sum_s8 = if_selected("_s8", sum_s8_by_64);
  loops.product_s8 = if_selected("mul_s8", product_s8_by_64);
  loops.quantize_s8 = if_selected("quantize_s8", quantize_s8_by_64);
  return loops;
}();

}  // namespace burin
#endif
