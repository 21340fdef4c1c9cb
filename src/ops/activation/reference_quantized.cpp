#include <algorithm>
#include <cmath>

#include "ops/activation/quantized.hpp"
#include "ops/exp.hpp"
#include "ops/integer_values.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

struct Parameters {
  AffineParameters input, output;
};

Status read_parameters(std::string_view op, const EvaluateContext& context, Parameters& parameters) {
  if (context.outputs[0].type != context.inputs[0].type) return unsupported_type(op, context.outputs[0].type);
  Status status = read_affine(op, "input", context.inputs[0], parameters.input);
  return status.is_ok() ? read_affine(op, "output", context.outputs[0], parameters.output) : status;
}

// f(code) gives the output's code.
template <typename F>
Status map_codes(std::string_view op, const EvaluateContext& context, F f) {
  const ElementType type = context.inputs[0].type;
  if (type != ElementType::kInt8 && type != ElementType::kUInt8 && type != ElementType::kInt16) {
    return unsupported_type(op, type);
  }
  map_integers(context.inputs[0], context.outputs[0], [&](int64_t code) { return f(static_cast<int32_t>(code)); });
  return {};
}

// Through the real function: what a 256-entry table of LiteRT holds.
Status map_reals(std::string_view op, const EvaluateContext& context, float (*f)(float)) {
  if (context.inputs[0].type == ElementType::kInt16) return unsupported_type(op, ElementType::kInt16);
  Parameters p;
  if (Status status = read_parameters(op, context, p); !status.is_ok()) return status;
  const CodeRange range = code_range(context.outputs[0].type);
  const float inverse = 1.0f / p.output.scale;
  return map_codes(op, context, [&](int32_t code) {
    const float y = std::round(f(dequantize_value(code, p.input.scale, p.input.zero_point)) * inverse) +
                    static_cast<float>(p.output.zero_point);
    return nearest_code(y, range);
  });
}

int16_t saturate16(int32_t value) { return static_cast<int16_t>(std::clamp(value, -32768, 32767)); }

// 16-bit fixed point, as gemmlowp defines it.
int16_t rounding_doubling_high_mul(int16_t a, int16_t b) {
  const int32_t product = int32_t{a} * b;
  const int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return saturate16((product + nudge) / (1 << 15));
}
int16_t doubling_high_mul(int16_t a, int16_t b) { return saturate16(int32_t{a} * b / (1 << 15)); }

struct ShortMultiplier {
  int16_t multiplier;
  int exponent;

  explicit ShortMultiplier(float real) {
    const FixedPointMultiplier fixed = quantize_multiplier(static_cast<double>(real));
    multiplier =
        fixed.multiplier >= 0x7fff8000 ? int16_t{32767} : static_cast<int16_t>((fixed.multiplier + (1 << 15)) >> 16);
    exponent = fixed.shift;
  }
};

// TFLite's HARD_SWISH, in both of LiteRT's kernel sets: x * relu6(x + 3) / 6 with the gate in 16 bits.
struct FixedPointHardSwish {
  AffineParameters input, output;
  ShortMultiplier to_output, to_gate;
  CodeRange range;

  FixedPointHardSwish(const Parameters& p, CodeRange codes)
      : input(p.input),
        output(p.output),
        to_output(p.input.scale / 128.0f / p.output.scale),
        to_gate(p.input.scale / 128.0f / (3.0f / 32768.0f)),
        range(codes) {}

  static int16_t shift_left(int16_t value, int bits) {
    return saturate16(static_cast<int32_t>(std::clamp<int64_t>(int64_t{value} << std::min(bits, 31), -32768, 32767)));
  }

  int32_t operator()(int32_t code) const {
    const auto x = static_cast<int16_t>((code - input.zero_point) * 128);
    const int16_t scaled = rounding_doubling_high_mul(x, to_output.multiplier);
    int16_t gate = to_gate.exponent > 0 ? shift_left(x, to_gate.exponent - 1) : x;
    gate = rounding_doubling_high_mul(gate, to_gate.multiplier);
    if (to_gate.exponent > 0) gate = shift_left(gate, 1);
    if (to_gate.exponent < 0) {
      gate = static_cast<int16_t>(rounding_divide_by_power_of_two(gate, -to_gate.exponent));
    }
    gate = static_cast<int16_t>((gate + (1 << 15)) >> 1);
    const int32_t product = doubling_high_mul(gate, scaled);
    const int32_t y = to_output.exponent > 0 ? product << to_output.exponent
                                             : rounding_divide_by_power_of_two(product, -to_output.exponent);
    return std::clamp(y + output.zero_point, range.min, range.max);
  }
};

}  // namespace

Status evaluate_quantized_clamp(std::string_view op, const EvaluateContext& context, FusedActivation activation) {
  Parameters p;
  if (Status status = read_parameters(op, context, p); !status.is_ok()) return status;
  const CodeRange range =
      activation_code_range(activation, context.outputs[0].type, p.output.scale, p.output.zero_point);
  // TFLite divides in float here.
  const FixedPointMultiplier multiplier = quantize_multiplier(static_cast<double>(p.input.scale / p.output.scale));
  return map_codes(op, context, [&](int32_t code) {
    const int64_t value =
        int64_t{multiply_by_quantized_multiplier(code - p.input.zero_point, multiplier)} + p.output.zero_point;
    return static_cast<int32_t>(std::clamp<int64_t>(value, range.min, range.max));
  });
}

Status evaluate_quantized_logistic(const EvaluateContext& context) {
  return map_reals("LOGISTIC", context, logistic_f32);
}

Status evaluate_quantized_tanh(const EvaluateContext& context) { return map_reals("TANH", context, tanh_f32); }

Status evaluate_quantized_hard_swish(const EvaluateContext& context) {
  constexpr std::string_view kName = "HARD_SWISH";
  if (context.inputs[0].type == ElementType::kInt16) return unsupported_type(kName, ElementType::kInt16);
  Parameters p;
  if (Status status = read_parameters(kName, context, p); !status.is_ok()) return status;
  return map_codes(kName, context, FixedPointHardSwish(p, code_range(context.outputs[0].type)));
}

Status evaluate_quantized_leaky_relu(const EvaluateContext& context) {
  Parameters p;
  if (Status status = read_parameters("LEAKY_RELU", context, p); !status.is_ok()) return status;
  const float alpha = get<LeakyReluAttributes>(context.attributes).alpha;
  const CodeRange range = code_range(context.outputs[0].type);
  const float positive = p.input.scale / p.output.scale;
  const float negative = positive * alpha;
  if (context.arithmetic == Arithmetic::kLitert && context.inputs[0].type != ElementType::kInt16 &&
      has_short_factor(positive) && has_short_factor(negative)) {
    const int32_t above = short_factor(positive), below = short_factor(negative);
    return map_codes("LEAKY_RELU", context, [&](int32_t code) {
      const int32_t x = code - p.input.zero_point;
      return std::clamp(rescale_by_short_factor(x, x < 0 ? below : above) + p.output.zero_point, range.min, range.max);
    });
  }
  // TFLite computes both in float, in this order.
  const FixedPointMultiplier identity = quantize_multiplier(static_cast<double>(positive));
  const FixedPointMultiplier scaled =
      quantize_multiplier(static_cast<double>(std::fabs(p.input.scale * alpha / p.output.scale)));
  const int64_t sign = alpha < 0.0f ? -1 : 1;
  return map_codes("LEAKY_RELU", context, [&](int32_t code) {
    const int32_t x = code - p.input.zero_point;
    const int64_t y = x >= 0 ? int64_t{multiply_by_quantized_multiplier(x, identity)}
                             : sign * int64_t{multiply_by_quantized_multiplier(x, scaled)};
    return static_cast<int32_t>(std::clamp<int64_t>(y + p.output.zero_point, range.min, range.max));
  });
}

}  // namespace burin
