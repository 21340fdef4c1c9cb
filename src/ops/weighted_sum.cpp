#include "ops/weighted_sum.hpp"

#include <algorithm>
#include <cmath>

namespace burin {

Status unsupported_weights(std::string_view op, ElementType activations, ElementType weights) {
  return Status(StatusCode::kUnsupported, std::string(op) + " does not take " + std::string(name(weights)) +
                                              " weights with " + std::string(name(activations)) + " activations");
}

namespace {

int8_t int4_code(const uint8_t* bytes, size_t i) {
  return static_cast<int8_t>(((i % 2 == 0 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4) ^ 8) - 8);
}

}  // namespace

void unpack_int4(const TensorView& weights, std::vector<int8_t>& values) {
  values.resize(static_cast<size_t>(weights.shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = int4_code(weights.as<uint8_t>(), i);
}

Status widen_weights(std::string_view op, const TensorView& weights, int64_t channels, std::vector<int16_t>& values) {
  std::vector<float> scales;
  int32_t zero_point;
  if (Status status = read_weight_scales(op, weights, channels, scales, zero_point); !status.is_ok()) return status;
  values.resize(static_cast<size_t>(weights.shape.elements()));
  const auto* bytes = weights.as<uint8_t>();
  for (size_t i = 0; i < values.size(); ++i) {
    switch (weights.type) {
      case ElementType::kInt4:
        values[i] = int4_code(bytes, i);
        break;
      case ElementType::kUInt8:
        values[i] = static_cast<int16_t>(bytes[i] - zero_point);
        break;
      default:
        values[i] = static_cast<int8_t>(bytes[i]);
    }
  }
  return {};
}

Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<float>& bias) {
  bias.assign(static_cast<size_t>(channels), 0.0f);
  if (context.inputs.size() < 3 || !context.inputs[2].present()) return {};
  if (context.inputs[2].type != ElementType::kFloat32) {
    return misfit(std::string(op) + ": bias is " + std::string(name(context.inputs[2].type)) + ", not float32");
  }
  std::memcpy(bias.data(), context.inputs[2].data, bias.size() * sizeof(float));
  return {};
}

Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<int64_t>& bias) {
  bias.assign(static_cast<size_t>(channels), 0);
  if (context.inputs.size() < 3 || !context.inputs[2].present()) return {};
  return read_integers(op, "bias", context.inputs[2], bias);
}

Status FloatFinish::make(std::string_view op, const EvaluateContext& context, FusedActivation activation,
                         int64_t channels, FloatFinish& finish) {
  finish.output_ = context.outputs[0].as<float>();
  finish.channels_ = channels;
  finish.range_ = activation_range(activation);
  return read_bias(op, context, channels, finish.bias_);
}

Status HybridFinish::make(std::string_view op, const EvaluateContext& context, FusedActivation activation,
                          int64_t channels, std::vector<float> row_scales, bool scale_per_row, HybridFinish& finish) {
  finish.scale_per_row_ = scale_per_row;
  finish.output_ = context.outputs[0].as<float>();
  finish.channels_ = channels;
  finish.range_ = activation_range(activation);
  finish.row_scales_ = std::move(row_scales);
  int32_t zero_point;
  Status status = read_weight_scales(op, context.inputs[1], channels, finish.weight_scales_, zero_point);
  return status.is_ok() ? read_bias(op, context, channels, finish.bias_) : status;
}

QuantizedRows quantize_rows(const float* values, int64_t rows, int64_t columns, RowCoding coding) {
  QuantizedRows result;
  result.codes.resize(static_cast<size_t>(rows * columns));
  for (int64_t row = 0; row < rows; ++row) {
    const float* x = values + row * columns;
    int16_t* codes = result.codes.data() + row * columns;
    float low = 0.0f, high = 0.0f;
    for (int64_t i = 0; i < columns; ++i) {
      low = std::min(low, x[i]);
      high = std::max(high, x[i]);
    }
    const gemm::RowAffine affine = gemm::row_affine(low, high, coding);
    for (int64_t i = 0; i < columns; ++i) {
      const float code = std::round(static_cast<float>(affine.zero_point) + x[i] * affine.inverse);
      codes[i] = static_cast<int16_t>(nearest_code(code, {affine.min, affine.max}) - affine.zero_point);
    }
    result.scales.push_back(affine.scale);
  }
  return result;
}

}  // namespace burin
