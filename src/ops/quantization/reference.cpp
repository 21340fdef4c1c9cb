// QUANTIZE: float to codes, and codes to codes of another scale. DEQUANTIZE: codes or halves to float.
#include <algorithm>
#include <cmath>

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

template <typename T>
Status dequantize(const EvaluateContext& context) {
  ElementScales scales;
  if (Status status = read_scales("DEQUANTIZE", context.inputs[0], scales); !status.is_ok()) return status;
  const InputValues<T> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) {
    const size_t c = scales.index(i);
    output[i] = dequantize_value(input[i], scales.scales[c], scales.zero_points[c]);
  }
  return {};
}

Status dequantize_int4(const EvaluateContext& context) {
  ElementScales scales;
  if (Status status = read_scales("DEQUANTIZE", context.inputs[0], scales); !status.is_ok()) return status;
  const auto* bytes = context.inputs[0].as<uint8_t>();
  float* output = context.outputs[0].as<float>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) {
    const int32_t code = ((i % 2 == 0 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4) ^ 8) - 8;
    const size_t c = scales.index(i);
    output[i] = dequantize_value(code, scales.scales[c], scales.zero_points[c]);
  }
  return {};
}

template <typename T>
Status quantize(const EvaluateContext& context) {
  AffineParameters parameters;
  if (Status status = read_affine("QUANTIZE", "output", context.outputs[0], parameters); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  T* output = context.outputs[0].as<T>();
  const int64_t count = context.inputs[0].shape.elements();
  const CodeRange range = code_range(context.outputs[0].type);
  if (context.arithmetic == Arithmetic::kReference) {
    for (int64_t i = 0; i < count; ++i) {
      output[i] = static_cast<T>(quantize_value(input[i], parameters.scale, parameters.zero_point, range));
    }
    return {};
  }
  // XNNPACK multiplies by the reciprocal and rounds half to even.
  const float inverse = 1.0f / parameters.scale;
  const float low = static_cast<float>(range.min - parameters.zero_point);
  const float high = static_cast<float>(range.max - parameters.zero_point);
  for (int64_t i = 0; i < count; ++i) {
    const float code = input[i] * inverse;
    const float clamped = code > low ? (code < high ? code : high) : low;
    output[i] = static_cast<T>(static_cast<int32_t>(std::nearbyintf(clamped)) + parameters.zero_point);
  }
  return {};
}

template <typename From, typename To>
Status requantize(const EvaluateContext& context) {
  AffineParameters from, to;
  Status status = read_affine("QUANTIZE", "input", context.inputs[0], from);
  if (status.is_ok()) status = read_affine("QUANTIZE", "output", context.outputs[0], to);
  if (!status.is_ok()) return status;
  const InputValues<From> input(context.inputs[0]);
  To* output = context.outputs[0].as<To>();
  const CodeRange range = code_range(context.outputs[0].type);
  const FixedPointMultiplier multiplier =
      quantize_multiplier(static_cast<double>(from.scale) / static_cast<double>(to.scale));
  const int64_t count = context.inputs[0].shape.elements();
  const float ratio = from.scale / to.scale;
  if (context.arithmetic == Arithmetic::kLitert && sizeof(From) == 1 && sizeof(To) == 1 && has_short_factor(ratio)) {
    const int32_t factor = short_factor(ratio);
    for (int64_t i = 0; i < count; ++i) {
      const int32_t code = rescale_by_short_factor(input[i] - from.zero_point, factor) + to.zero_point;
      output[i] = static_cast<To>(std::clamp(code, range.min, range.max));
    }
    return {};
  }
  for (int64_t i = 0; i < count; ++i) {
    const auto centered =
        static_cast<int32_t>(std::clamp<int64_t>(int64_t{input[i]} - from.zero_point, INT32_MIN, INT32_MAX));
    const int64_t code = int64_t{multiply_by_quantized_multiplier(centered, multiplier)} + to.zero_point;
    output[i] = static_cast<To>(std::clamp<int64_t>(code, range.min, range.max));
  }
  return {};
}

template <typename To>
Status quantize_to(const EvaluateContext& context) {
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return quantize<To>(context);
    case ElementType::kInt8:
      return requantize<int8_t, To>(context);
    case ElementType::kUInt8:
      return requantize<uint8_t, To>(context);
    case ElementType::kInt16:
      return requantize<int16_t, To>(context);
    case ElementType::kInt32:
      return requantize<int32_t, To>(context);
    default:
      return unsupported_type("QUANTIZE", context.inputs[0].type);
  }
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
      return dequantize<int8_t>(context);
    case ElementType::kUInt8:
      return dequantize<uint8_t>(context);
    case ElementType::kInt16:
      return dequantize<int16_t>(context);
    case ElementType::kInt4:
      return dequantize_int4(context);
    default:
      return unsupported_type("DEQUANTIZE", context.inputs[0].type);
  }
}

Status evaluate_quantize(const EvaluateContext& context) {
  switch (context.outputs[0].type) {
    case ElementType::kInt8:
      return quantize_to<int8_t>(context);
    case ElementType::kUInt8:
      return quantize_to<uint8_t>(context);
    case ElementType::kInt16:
      return quantize_to<int16_t>(context);
    case ElementType::kInt32:
      if (context.inputs[0].type != ElementType::kInt16) return unsupported_type("QUANTIZE", context.inputs[0].type);
      return requantize<int16_t, int32_t>(context);
    default:
      return unsupported_type("QUANTIZE", context.outputs[0].type);
  }
}

}  // namespace burin
