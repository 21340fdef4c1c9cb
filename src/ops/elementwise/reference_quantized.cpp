#include <algorithm>
#include <cmath>

#include "ops/elementwise/integer_pairs.hpp"
#include "ops/elementwise/quantized.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

// f(code of a, code of b) gives the output's code before clamping.
template <typename F>
Status map_code_pairs(std::string_view op, const EvaluateContext& context, CodeRange range, F f) {
  const ElementType type = context.inputs[0].type;
  if (type != ElementType::kInt8 && type != ElementType::kUInt8 && type != ElementType::kInt16) {
    return unsupported_type(op, type);
  }
  for_each_integer_pair(context, [&](int64_t* a, const int64_t* b, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t code = f(static_cast<int32_t>(a[i]), static_cast<int32_t>(b[i]));
      a[i] = std::clamp<int64_t>(code, range.min, range.max);
    }
  });
  return {};
}

// TFLite's reference: both operands brought to twice the larger scale with `left_shift` extra bits, summed, rescaled.
struct RescaledSum {
  AffineParameters a, b, output;
  int left_shift;
  int sign;
  FixedPointMultiplier a_multiplier, b_multiplier, output_multiplier;

  RescaledSum(const CodeOperands& operands, int sign_of_b, int extra_bits)
      : a(operands.a), b(operands.b), output(operands.output), left_shift(extra_bits), sign(sign_of_b) {
    const double twice_largest = 2.0 * std::max(static_cast<double>(a.scale), static_cast<double>(b.scale));
    a_multiplier = quantize_multiplier(static_cast<double>(a.scale) / twice_largest);
    b_multiplier = quantize_multiplier(static_cast<double>(b.scale) / twice_largest);
    output_multiplier =
        quantize_multiplier(twice_largest / (static_cast<double>(1 << left_shift) * static_cast<double>(output.scale)));
  }
  int64_t operator()(int32_t x, int32_t y) const {
    const int32_t xs = multiply_by_quantized_multiplier((x - a.zero_point) * (1 << left_shift), a_multiplier);
    const int32_t ys = multiply_by_quantized_multiplier((y - b.zero_point) * (1 << left_shift), b_multiplier);
    return int64_t{multiply_by_quantized_multiplier(xs + sign * ys, output_multiplier)} + output.zero_point;
  }
};

}  // namespace

Status read_code_operands(std::string_view op, const TensorView& a, const TensorView& b, const TensorView& output,
                          FusedActivation activation, CodeOperands& operands) {
  Status status = read_affine(op, "input 0", a, operands.a);
  if (status.is_ok()) status = read_affine(op, "input 1", b, operands.b);
  if (status.is_ok()) status = read_affine(op, "output", output, operands.output);
  operands.range = activation_code_range(activation, output.type, operands.output.scale, operands.output.zero_point);
  return status;
}

SharedShiftSum::SharedShiftSum(const CodeOperands& operands, int sign) {
  const float a_scale = operands.a.scale / operands.output.scale;
  const float b_scale = operands.b.scale / operands.output.scale;
  int exponent = 0;
  std::frexp(std::max(a_scale, b_scale), &exponent);  // largest = f * 2^exponent, 1/2 <= f < 1
  shift = std::clamp(21 - exponent, 1, 62);
  a_factor = std::llrint(std::ldexp(a_scale, shift));
  b_factor = sign * std::llrint(std::ldexp(b_scale, shift));
  bias = (int64_t{1} << (shift - 1)) - a_factor * operands.a.zero_point - b_factor * operands.b.zero_point;
  zero_point = operands.output.zero_point;
}

Status evaluate_quantized_sum(std::string_view op, const EvaluateContext& context, int sign) {
  CodeOperands operands;
  if (Status status = read_code_operands(op, context.inputs[0], context.inputs[1], context.outputs[0],
                                         get<ArithmeticAttributes>(context.attributes).activation, operands);
      !status.is_ok())
    return status;
  const bool wide = context.inputs[0].type == ElementType::kInt16;
  if (context.arithmetic == Arithmetic::kLitert && !wide) {
    return map_code_pairs(op, context, operands.range, SharedShiftSum(operands, sign));
  }
  return map_code_pairs(op, context, operands.range, RescaledSum(operands, sign, wide ? 15 : 20));
}

Status evaluate_quantized_product(std::string_view op, const EvaluateContext& context) {
  CodeOperands operands;
  if (Status status = read_code_operands(op, context.inputs[0], context.inputs[1], context.outputs[0],
                                         get<ArithmeticAttributes>(context.attributes).activation, operands);
      !status.is_ok())
    return status;
  const AffineParameters a = operands.a, b = operands.b, output = operands.output;
  if (context.arithmetic == Arithmetic::kLitert && context.inputs[0].type != ElementType::kInt16) {
    const float scale = requantization_scale(a.scale, b.scale, output.scale);
    const CodeRange range = operands.range;
    return map_code_pairs(op, context, range, [=](int32_t x, int32_t y) -> int64_t {
      return requantize_litert((x - a.zero_point) * (y - b.zero_point), scale, output.zero_point, range.min, range.max);
    });
  }
  // TFLite computes this scale in float.
  const FixedPointMultiplier multiplier =
      quantize_multiplier(static_cast<double>(requantization_scale(a.scale, b.scale, output.scale)));
  return map_code_pairs(op, context, operands.range, [=](int32_t x, int32_t y) -> int64_t {
    return int64_t{multiply_by_quantized_multiplier((x - a.zero_point) * (y - b.zero_point), multiplier)} +
           output.zero_point;
  });
}

Status evaluate_quantized_rsqrt(const EvaluateContext& context) {
  AffineParameters in, out;
  Status status = read_affine("RSQRT", "input", context.inputs[0], in);
  if (status.is_ok()) status = read_affine("RSQRT", "output", context.outputs[0], out);
  if (!status.is_ok()) return status;
  const CodeRange range = code_range(ElementType::kInt8);
  // The root of the code with 20 fractional bits, times the scale, each rounded.
  const FixedPointMultiplier multiplier =
      quantize_multiplier(std::ldexp(1.0 / static_cast<double>(std::sqrt(in.scale) * out.scale), -20));
  const InputValues<int8_t> input(context.inputs[0]);
  int8_t* output = context.outputs[0].as<int8_t>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) {
    const int32_t code = input[i] - in.zero_point;
    if (code < 0) return Status(StatusCode::kInvalidArgument, "RSQRT: an input value is negative");
    if (code == 0) {
      output[i] = static_cast<int8_t>(range.max);
      continue;
    }
    const auto root = static_cast<int32_t>(std::llround(1048576.0 / std::sqrt(static_cast<double>(code))));
    output[i] = static_cast<int8_t>(std::clamp<int64_t>(
        int64_t{multiply_by_quantized_multiplier(root, multiplier)} + out.zero_point, range.min, range.max));
  }
  return {};
}

Status check_same_parameters(std::string_view op, const EvaluateContext& context) {
  AffineParameters output;
  if (Status status = read_affine(op, "output", context.outputs[0], output); !status.is_ok()) return status;
  for (size_t i = 0; i < context.inputs.size(); ++i) {
    AffineParameters input;
    if (Status status = read_affine(op, "input", context.inputs[i], input); !status.is_ok()) return status;
    if (!(input == output)) {
      return Status(StatusCode::kUnsupported,
                    std::string(op) + ": input " + std::to_string(i) + " and the output differ in scale or zero point");
    }
  }
  return {};
}

}  // namespace burin
