// QUANTIZE: float to codes, and codes to codes of another scale. DEQUANTIZE: codes or halves to float.
#include <algorithm>
#include <cmath>

#include "ops/integer_values.hpp"
#include "ops/operands.hpp"
#include "ops/quantization/runtime.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

// The scale and zero point that each element has: one for the tensor, or one per index of an axis.
struct ElementScales {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  int64_t inner = 1;  // elements that follow each other with the same index

  size_t index(int64_t element) const {
    return scales.size() == 1 ? 0 : static_cast<size_t>((element / inner) % static_cast<int64_t>(scales.size()));
  }
};

Status read_scales(std::string_view op, const TensorView& view, ElementScales& result) {
  const Quantization* quantization = view.quantization;
  if (quantization == nullptr || !quantization->per_channel()) {
    AffineParameters parameters;
    if (Status status = read_affine(op, "tensor", view, parameters); !status.is_ok()) return status;
    result.scales = {parameters.scale};
    result.zero_points = {parameters.zero_point};
    return {};
  }
  const int axis = quantization->axis;
  if (axis >= view.shape.rank() || quantization->scales.size() != static_cast<size_t>(view.shape[axis]) ||
      quantization->scales.size() != quantization->zero_points.size() || quantization->scales.empty()) {
    return misfit(std::string(op) + ": " + std::to_string(quantization->scales.size()) + " scales along axis " +
                  std::to_string(axis) + " of " + to_string(view.shape));
  }
  for (float scale : quantization->scales) {
    if (!(scale >= 0.0f) || !std::isfinite(scale))
      return misfit(std::string(op) + ": a scale is not a positive number");
  }
  result.scales = quantization->scales;
  result.zero_points = quantization->zero_points;
  const CodeRange range = code_range(view.type);
  for (int32_t zero_point : result.zero_points) {
    if (zero_point < range.min || zero_point > range.max) return misfit(std::string(op) + ": zero point out of range");
  }
  for (int i = axis + 1; i < view.shape.rank(); ++i) result.inner *= view.shape[i];
  return {};
}

Status dequantize(const EvaluateContext& context) {
  ElementScales scales;
  if (Status status = read_scales("DEQUANTIZE", context.inputs[0], scales); !status.is_ok()) return status;
  float* output = context.outputs[0].as<float>();
  const int64_t count = context.inputs[0].shape.elements();
  int64_t codes[kIntegerBlock];
  for (int64_t first = 0; first < count; first += kIntegerBlock) {
    const int64_t block = std::min(kIntegerBlock, count - first);
    load_integers(context.inputs[0], first, 1, block, codes);
    for (int64_t i = 0; i < block; ++i) {
      const size_t c = scales.index(first + i);
      output[first + i] = dequantize_value(static_cast<int32_t>(codes[i]), scales.scales[c], scales.zero_points[c]);
    }
  }
  return {};
}

Status quantize(const EvaluateContext& context) {
  AffineParameters parameters;
  if (Status status = read_affine("QUANTIZE", "output", context.outputs[0], parameters); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  const int64_t count = context.inputs[0].shape.elements();
  const CodeRange range = code_range(context.outputs[0].type);
  // XNNPACK multiplies by the reciprocal and rounds half to even.
  const float inverse = 1.0f / parameters.scale;
  const float low = static_cast<float>(range.min - parameters.zero_point);
  const float high = static_cast<float>(range.max - parameters.zero_point);
  int64_t codes[kIntegerBlock];
  for (int64_t first = 0; first < count; first += kIntegerBlock) {
    const int64_t block = std::min(kIntegerBlock, count - first);
    for (int64_t i = 0; i < block; ++i) {
      if (context.arithmetic == Arithmetic::kReference) {
        codes[i] = quantize_value(input[first + i], parameters.scale, parameters.zero_point, range);
        continue;
      }
      const float code = input[first + i] * inverse;
      const float clamped = code > low ? (code < high ? code : high) : low;
      codes[i] = static_cast<int32_t>(std::nearbyintf(clamped)) + parameters.zero_point;
    }
    store_integers(codes, block, context.outputs[0], first);
  }
  return {};
}

bool is_byte(ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUInt8; }

Status requantize(const EvaluateContext& context) {
  const TensorView& input = context.inputs[0];
  const MutableTensorView& output = context.outputs[0];
  AffineParameters from, to;
  Status status = read_affine("QUANTIZE", "input", input, from);
  if (status.is_ok()) status = read_affine("QUANTIZE", "output", output, to);
  if (!status.is_ok()) return status;
  const CodeRange range = code_range(output.type);
  const float ratio = from.scale / to.scale;
  if (context.arithmetic == Arithmetic::kLitert && is_byte(input.type) && is_byte(output.type) &&
      has_short_factor(ratio)) {
    const int32_t factor = short_factor(ratio);
    map_integers(input, output, [&](int64_t code) {
      const auto centered = static_cast<int32_t>(code) - from.zero_point;
      return std::clamp(rescale_by_short_factor(centered, factor) + to.zero_point, range.min, range.max);
    });
    return {};
  }
  const FixedPointMultiplier multiplier =
      quantize_multiplier(static_cast<double>(from.scale) / static_cast<double>(to.scale));
  map_integers(input, output, [&](int64_t code) {
    const auto centered = static_cast<int32_t>(std::clamp<int64_t>(code - from.zero_point, INT32_MIN, INT32_MAX));
    const int64_t result = int64_t{multiply_by_quantized_multiplier(centered, multiplier)} + to.zero_point;
    return std::clamp<int64_t>(result, range.min, range.max);
  });
  return {};
}

}  // namespace

Status evaluate_dequantize(const EvaluateContext& context) {
  if (context.outputs[0].type != ElementType::kFloat32) return unsupported_type("DEQUANTIZE", context.outputs[0].type);
  switch (context.inputs[0].type) {
    case ElementType::kFloat16: {
      const InputValues<uint16_t> input(context.inputs[0]);
      const int64_t count = context.inputs[0].shape.elements();
      for (int64_t i = 0; i < count; ++i) context.outputs[0].as<float>()[i] = half_to_float(input[i]);
      return {};
    }
    case ElementType::kInt8:
    case ElementType::kUInt8:
    case ElementType::kInt16:
    case ElementType::kInt4:
      return dequantize(context);
    default:
      return unsupported_type("DEQUANTIZE", context.inputs[0].type);
  }
}

Status evaluate_quantize(const EvaluateContext& context) {
  const ElementType from = context.inputs[0].type, to = context.outputs[0].type;
  const bool to_codes = is_byte(to) || to == ElementType::kInt16;
  if (!to_codes && to != ElementType::kInt32) return unsupported_type("QUANTIZE", to);
  if (to_codes && from == ElementType::kFloat32) return quantize(context);
  const bool takes = from == ElementType::kInt16 || (to_codes && (is_byte(from) || from == ElementType::kInt32));
  return takes ? requantize(context) : unsupported_type("QUANTIZE", from);
}

}  // namespace burin
