#include "ops/requantize.hpp"

#include <bit>
#include <limits>

namespace burin {

int32_t requantize_once(int64_t accumulator, double scale, int32_t zero_point, CodeRange range) {
  const double code = std::round(static_cast<double>(accumulator) * scale) + static_cast<double>(zero_point);
  if (!(code > static_cast<double>(range.min))) return range.min;
  return code < static_cast<double>(range.max) ? static_cast<int32_t>(code) : range.max;
}

FixedPointMultiplier quantize_multiplier(double real_multiplier) {
  if (!(real_multiplier > 0.0)) return {};
  if (std::isinf(real_multiplier)) return {std::numeric_limits<int32_t>::max(), 30};
  int shift = 0;
  const double fraction = std::frexp(real_multiplier, &shift);
  int64_t multiplier = static_cast<int64_t>(std::round(fraction * 2147483648.0));
  if (multiplier == int64_t{1} << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift < -31) return {};  // all results round to zero
  if (shift > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(multiplier), shift};
}

int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
  if (a == b && a == std::numeric_limits<int32_t>::min()) return std::numeric_limits<int32_t>::max();
  const int64_t product = int64_t{a} * b;
  const int64_t nudge = product >= 0 ? int64_t{1} << 30 : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t{1} << 31));
}

int32_t rounding_divide_by_power_of_two(int32_t value, int exponent) {
  if (exponent <= 0) return value;
  const int32_t mask = static_cast<int32_t>((int64_t{1} << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + ((value & mask) > threshold ? 1 : 0);
}

namespace {

// The first of the two roundings.
int32_t multiply_high(int32_t value, FixedPointMultiplier multiplier) {
  // TFLite's kernels shift without a check; saturating keeps hostile scales defined.
  int64_t shifted = int64_t{value} << (multiplier.shift > 0 ? multiplier.shift : 0);
  if (shifted > std::numeric_limits<int32_t>::max()) shifted = std::numeric_limits<int32_t>::max();
  if (shifted < std::numeric_limits<int32_t>::min()) shifted = std::numeric_limits<int32_t>::min();
  return saturating_rounding_doubling_high_mul(static_cast<int32_t>(shifted), multiplier.multiplier);
}

}  // namespace

int32_t multiply_by_quantized_multiplier(int32_t value, FixedPointMultiplier multiplier) {
  return rounding_divide_by_power_of_two(multiply_high(value, multiplier), -multiplier.shift);
}

int32_t multiply_half_up(int32_t value, FixedPointMultiplier multiplier) {
  const int64_t product = multiply_high(value, multiplier);
  if (multiplier.shift >= 0) return static_cast<int32_t>(product);
  return static_cast<int32_t>((product + (int64_t{1} << (-multiplier.shift - 1))) >> -multiplier.shift);
}

int32_t multiply_by_quantized_multiplier(int64_t value, FixedPointMultiplier multiplier) {
  // A 15-bit multiplier, so that 48-bit accumulators fit: TFLite's int16 kernels.
  const int32_t reduced = multiplier.multiplier < 0x7fff0000 ? (multiplier.multiplier + (1 << 15)) >> 16 : 0x7fff;
  const int total_shift = 15 - multiplier.shift;
  constexpr int64_t kLimit = int64_t{1} << 47;
  value = value < -kLimit ? -kLimit : value > kLimit - 1 ? kLimit - 1 : value;
  int64_t result = value * reduced;
  if (total_shift > 0) {
    result = total_shift > 62 ? 0 : (result + (int64_t{1} << (total_shift - 1))) >> total_shift;
  } else if (total_shift < 0) {
    result = result > 0 ? std::numeric_limits<int32_t>::max() : result < 0 ? std::numeric_limits<int32_t>::min() : 0;
  }
  if (result > std::numeric_limits<int32_t>::max()) return std::numeric_limits<int32_t>::max();
  if (result < std::numeric_limits<int32_t>::min()) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(result);
}

CodeRange code_range(ElementType type) {
  switch (type) {
    case ElementType::kInt4:
      return {-8, 7};
    case ElementType::kInt8:
      return {-128, 127};
    case ElementType::kUInt8:
      return {0, 255};
    case ElementType::kInt16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  }
}

CodeRange activation_code_range(FusedActivation activation, ElementType type, float scale, int32_t zero_point) {
  CodeRange range = code_range(type);
  const FloatRange real = activation_range(activation);
  if (real.min > -std::numeric_limits<float>::infinity()) {
    const int32_t code = quantize_value(real.min, scale, zero_point, range);
    range.min = code > range.min ? code : range.min;
  }
  if (real.max < std::numeric_limits<float>::infinity()) {
    const int32_t code = quantize_value(real.max, scale, zero_point, range);
    range.max = code < range.max ? code : range.max;
  }
  return range;
}

int32_t quantize_value(float value, float scale, int32_t zero_point, CodeRange range) {
  // Computed in float as TFLite does.
  return nearest_code(std::round(value / scale) + static_cast<float>(zero_point), range);
}

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1fu;
  const uint32_t fraction = half & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float value = static_cast<float>(fraction) * 5.9604644775390625e-8f;  // 2^-24
  return sign != 0 ? -value : value;
}

uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x7f800000u) {  // infinity, NaN (kept quiet)
    return static_cast<uint16_t>(sign | 0x7c00u |
                                 (magnitude > 0x7f800000u ? 0x200u | ((magnitude >> 13) & 0x3ffu) : 0u));
  }
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65520 and above round to infinity
  if (magnitude < 0x38800000u) {                                               // below 2^-14: a multiple of 2^-24
    const float scaled = std::bit_cast<float>(magnitude) * 16777216.0f;
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::nearbyintf(scaled)));
  }
  const uint32_t rounded = magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | rounded >> 13);
}

}  // namespace burin
