// exp, log, tanh and their kin in float32, the same bits on every machine: no libm, no fused multiply-add, no branches
// in exp, tanh and logistic, so that compilers vectorize loops of them and kernels may use them as they are.
//
// exp: x = n ln 2 + r, |r| <= ln 2 / 2, a polynomial in r (the classic minimax coefficients), scaled by 2^n in two
// steps so that results down to the smallest denormal are right. tanh: an odd polynomial below 0.625, else through
// exp. Errors: exp, log, tanh, logistic at most 2 units in the last place (exp_test.cpp). NaN gives NaN.
#pragma once

#include <bit>
#include <cstdint>

namespace burin {

// 2^n for -126 <= n <= 127.
inline float power_of_two(int32_t n) { return std::bit_cast<float>((n + 127) << 23); }

// exp(x) = value * 2^n
struct ExpParts {
  float value;
  int32_t n;
};
inline ExpParts exp_parts(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, which its last bits are
  const float shifted = x * 1.44269504088896341f + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return {(p * (r * r) + r) + 1.0f,
          static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kRound))};
}

inline float exp_f32(float x) {
  // Beyond these the result is 0 or infinity anyway; NaN becomes the lower one and is put back at the end.
  const float clamped = x > -104.0f ? (x < 89.0f ? x : 89.0f) : -104.0f;
  const ExpParts parts = exp_parts(clamped);
  const int32_t half = parts.n >> 1;
  const float scaled = (parts.value * power_of_two(half)) * power_of_two(parts.n - half);
  return x == x ? scaled : x;
}

// Results below the smallest normal number are 0.
inline float logistic_f32(float x) {
  // Beyond these the result is 1 or 0 anyway; NaN stays.
  const float negative = -x;
  const float above = -87.0f > negative ? -87.0f : negative;
  const float clamped = 89.0f < above ? 89.0f : above;
  const ExpParts parts = exp_parts(clamped);
  // Infinity for n = 128.
  const float power = std::bit_cast<float>((static_cast<uint32_t>(parts.n) + 127u) << 23);
  return 1.0f / (1.0f + parts.value * power);
}

inline float tanh_f32(float x) {
  const float magnitude = x < 0.0f ? -x : x;
  const float square = x * x;
  float p = -5.70498872745e-3f;
  p = p * square + 2.06390887954e-2f;
  p = p * square + -5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square + -3.33332819422e-1f;
  const float small = (p * square) * x + x;
  const float large = 1.0f - 2.0f / (exp_f32(2.0f * magnitude) + 1.0f);
  return magnitude < 0.625f ? small : (x < 0.0f ? -large : large);
}

// exp(x) - 1 without the cancellation near 0.
inline float expm1_f32(float x) {
  if (!(x > -0.5f && x < 0.5f)) return exp_f32(x) - 1.0f;
  float p = 2.4801587e-5f;  // 1 / 8!
  p = p * x + 1.9841270e-4f;
  p = p * x + 1.3888889e-3f;
  p = p * x + 8.3333333e-3f;
  p = p * x + 4.1666667e-2f;
  p = p * x + 1.6666667e-1f;
  p = p * x + 0.5f;
  return (p * x) * x + x;
}

// Natural logarithm: minus infinity at 0, NaN below.
inline float log_f32(float x) {
  if (!(x > 0.0f)) return x == 0.0f ? -std::bit_cast<float>(0x7f800000) : std::bit_cast<float>(0x7fc00000);
  if (std::bit_cast<uint32_t>(x) >= 0x7f800000u) return x;
  int32_t exponent = 0;
  if (x < 1.17549435e-38f) {
    x *= 16777216.0f;
    exponent = -24;
  }
  // x = mantissa * 2^exponent, mantissa in [sqrt(1/2), sqrt(2))
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  exponent += static_cast<int32_t>(bits >> 23) - 126;
  float mantissa = std::bit_cast<float>((bits & 0x007fffffu) | 0x3f000000u);
  if (mantissa < 0.707106781186547524f) {
    mantissa += mantissa;
    --exponent;
  }
  const float z = mantissa - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * z + -1.1514610310e-1f;
  p = p * z + 1.1676998740e-1f;
  p = p * z + -1.2420140846e-1f;
  p = p * z + 1.4249322787e-1f;
  p = p * z + -1.6668057665e-1f;
  p = p * z + 2.0000714765e-1f;
  p = p * z + -2.4999993993e-1f;
  p = p * z + 3.3333331174e-1f;
  const float square = z * z;
  const float e = static_cast<float>(exponent);
  float y = (p * z) * square;
  y += e * -2.12194440e-4f;
  y -= 0.5f * square;
  return (z + y) + e * 0.693359375f;
}

// The error function, by its Taylor series in double: cancellation stays below 1e-9 where the result is not yet 1.
inline double erf_f64(double x) {
  if (!(x > -4.0 && x < 4.0)) return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
  double power = x, sum = x;
  for (int n = 1; n < 120; ++n) {
    power *= -x * x / n;
    const double term = power / (2 * n + 1);
    sum += term;
    if (term < 1e-18 && term > -1e-18) break;
  }
  return 1.12837916709551257390 * sum;
}

}  // namespace burin
