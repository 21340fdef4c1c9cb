#include <algorithm>
#include <cmath>

#include "ops/activation/quantized.hpp"
#include "ops/exp.hpp"
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

template <typename T, typename F>
Status map_codes(const EvaluateContext& context, F f) {
  const InputValues<T> input(context.inputs[0]);
  T* output = context.outputs[0].as<T>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) output[i] = static_cast<T>(f(int32_t{input[i]}));
  return {};
}

// f(code) gives the output's code.
template <typename F>
Status map_codes_of_type(std::string_view op, const EvaluateContext& context, F f) {
  switch (context.inputs[0].type) {
    case ElementType::kInt8:
      return map_codes<int8_t>(context, f);
    case ElementType::kUInt8:
      return map_codes<uint8_t>(context, f);
    case ElementType::kInt16:
      return map_codes<int16_t>(context, f);
    default:
      return unsupported_type(op, context.inputs[0].type);
  }
}

// Through the real function: what a 256-entry table of TFLite holds.
template <typename F>
Status map_reals(std::string_view op, const EvaluateContext& context, F f) {
  Parameters p;
  if (Status status = read_parameters(op, context, p); !status.is_ok()) return status;
  const CodeRange range = code_range(context.outputs[0].type);
  return map_codes_of_type(op, context, [&](int32_t code) {
    const float x = dequantize_value(code, p.input.scale, p.input.zero_point);
    return quantize_value(f(x), p.output.scale, p.output.zero_point, range);
  });
}

}  // namespace

Status evaluate_quantized_clamp(std::string_view op, const EvaluateContext& context, FusedActivation activation) {
  Parameters p;
  if (Status status = read_parameters(op, context, p); !status.is_ok()) return status;
  const CodeRange range =
      activation_code_range(activation, context.outputs[0].type, p.output.scale, p.output.zero_point);
  const FixedPointMultiplier multiplier =
      quantize_multiplier(static_cast<double>(p.input.scale) / static_cast<double>(p.output.scale));
  return map_codes_of_type(op, context, [&](int32_t code) {
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
  return map_reals("HARD_SWISH", context, [](float x) {
    const float gate = x + 3.0f;
    return x * (gate < 0.0f ? 0.0f : gate > 6.0f ? 6.0f : gate) / 6.0f;
  });
}

Status evaluate_quantized_leaky_relu(const EvaluateContext& context) {
  Parameters p;
  if (Status status = read_parameters("LEAKY_RELU", context, p); !status.is_ok()) return status;
  const float alpha = get<LeakyReluAttributes>(context.attributes).alpha;
  const double ratio = static_cast<double>(p.input.scale) / static_cast<double>(p.output.scale);
  const FixedPointMultiplier identity = quantize_multiplier(ratio);
  const FixedPointMultiplier scaled = quantize_multiplier(std::fabs(ratio * static_cast<double>(alpha)));
  const int64_t sign = alpha < 0.0f ? -1 : 1;
  const CodeRange range = code_range(context.outputs[0].type);
  return map_codes_of_type("LEAKY_RELU", context, [&](int32_t code) {
    const int32_t x = code - p.input.zero_point;
    const int64_t y = x >= 0 ? int64_t{multiply_by_quantized_multiplier(x, identity)}
                             : sign * int64_t{multiply_by_quantized_multiplier(x, scaled)};
    return static_cast<int32_t>(std::clamp<int64_t>(y + p.output.zero_point, range.min, range.max));
  });
}

}  // namespace burin
