// The two integer requantizations, defined once. Everything that quantizes, every kernel, every test refers here.
//
// litert:    clamp(rint(float(acc) * scale) + zero_point), round half to even, scale = s_in * s_weight / s_out computed
//            in float32 in this order. What stock LiteRT's default kernels (XNNPACK) compute.
// reference: SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT (half away from zero), with the
//            multiplier from QuantizeMultiplier(double scale). What TFLite's reference kernels compute; those of
//            FULLY_CONNECTED multiply in double and round once (requantize_once).
#pragma once

#include <cmath>
#include <cstdint>

#include "burin/tensor_types.hpp"
#include "ops/fused_activation.hpp"

namespace burin {

struct CodeRange {
  int32_t min;
  int32_t max;
};

inline float requantization_scale(float input_scale, float weight_scale, float output_scale) {
  return input_scale * weight_scale / output_scale;
}

// scale >= 0. The float product is clamped to +-2^30 before rounding, so that no input overflows.
inline int32_t requantize_litert(int32_t accumulator, float scale, int32_t zero_point, int32_t min, int32_t max) {
  float product = static_cast<float>(accumulator) * scale;
  product = product < -1073741824.0f ? -1073741824.0f : product > 1073741824.0f ? 1073741824.0f : product;
  const int32_t code = static_cast<int32_t>(std::nearbyintf(product)) + zero_point;
  return code < min ? min : code > max ? max : code;
}

// clamp(round(accumulator * scale) + zero_point) in double, half away from zero. scale >= 0.
int32_t requantize_once(int64_t accumulator, double scale, int32_t zero_point, CodeRange range);

// real multiplier = multiplier * 2^(shift - 31), 2^30 <= multiplier < 2^31 (or both zero).
struct FixedPointMultiplier {
  int32_t multiplier = 0;
  int shift = 0;
};
FixedPointMultiplier quantize_multiplier(double real_multiplier);
int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b);
int32_t rounding_divide_by_power_of_two(int32_t value, int exponent);
int32_t multiply_by_quantized_multiplier(int32_t value, FixedPointMultiplier multiplier);
// The second rounding half up instead of half away from zero.
int32_t multiply_half_up(int32_t value, FixedPointMultiplier multiplier);
// int64 accumulators (int16 activations), as TFLite's MultiplyByQuantizedMultiplier(int64).
int32_t multiply_by_quantized_multiplier(int64_t value, FixedPointMultiplier multiplier);

// Codes of a type: int8 -128..127, uint8 0..255, int16 -32768..32767.
CodeRange code_range(ElementType type);
// The codes that a fused activation clamps to, as TFLite's CalculateActivationRangeQuantized.
CodeRange activation_code_range(FusedActivation activation, ElementType type, float scale, int32_t zero_point);

// XNNPACK's rescaling of codes to another scale (QUANTIZE of codes, LEAKY_RELU): a factor of 8 fractional bits, rounded
// half up. It applies to ratios of 2^-8 to 2^7; LiteRT leaves others to its builtin kernels.
inline bool has_short_factor(float ratio) { return std::fabs(ratio) >= 0.00390625f && std::fabs(ratio) <= 128.0f; }
inline int32_t short_factor(float ratio) { return static_cast<int32_t>(std::nearbyintf(256.0f * ratio)); }
inline int32_t rescale_by_short_factor(int32_t value, int32_t factor) { return (value * factor + 128) >> 8; }

// A rounded value as a code, limited to the range; NaN gives the lowest code.
inline int32_t nearest_code(float rounded, CodeRange range) {
  if (!(rounded > static_cast<float>(range.min))) return range.min;
  return rounded < static_cast<float>(range.max) ? static_cast<int32_t>(rounded) : range.max;
}

// clamp(round(value / scale) + zero_point); half away from zero, as TFLite's AffineQuantize.
int32_t quantize_value(float value, float scale, int32_t zero_point, CodeRange range);
// scale * (code - zero_point)
inline float dequantize_value(int32_t code, float scale, int32_t zero_point) {
  return scale * static_cast<float>(code - zero_point);
}

// IEEE binary16.
constexpr float kLargestHalf = 65504.0f;
float half_to_float(uint16_t half);
uint16_t float_to_half(float value);  // round to nearest even

}  // namespace burin
