#include "ops/check_codes.hpp"

#include "ops/channel_requantizer.hpp"
#include "ops/operands.hpp"

namespace burin {

namespace {

bool is_code(ElementType type) {
  return type == ElementType::kInt8 || type == ElementType::kUInt8 || type == ElementType::kInt16;
}

Status check_affine(const RuntimeOperator& row, std::string_view what, const TensorView& view) {
  AffineParameters parameters;
  return is_code(view.type) ? read_affine(row.name, what, view, parameters) : Status();
}

Status check_affine(const RuntimeOperator& row, std::span<const TensorView> inputs, const TensorView& output) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::string what = inputs.size() == 1 ? "input" : "input " + std::to_string(i);
    if (const Status status = check_affine(row, what, inputs[i]); !status.is_ok()) return status;
  }
  return check_affine(row, "output", output);
}

// Input, weights, bias. `axis`: that of the weights' output channels.
Status check_weighted(const RuntimeOperator& row, std::span<const TensorView> inputs, const TensorView& output,
                      int axis) {
  const std::string place(row.name);
  const TensorView& weights = inputs[1];
  const bool integer = is_code(inputs[0].type);
  if (is_code(weights.type) || weights.type == ElementType::kInt4) {
    std::vector<float> scales;
    int32_t zero_point = 0;
    const Status status = read_weight_scales(place, weights, weights.shape[axis], scales, zero_point);
    if (!status.is_ok()) return status;
    if (scales.size() > 1 && weights.quantization->axis != axis) {
      return misfit(place + ": weights have scales along axis " + std::to_string(weights.quantization->axis) +
                    ", output channels are axis " + std::to_string(axis));
    }
  }
  if (inputs.size() > 2 && !(inputs[2].shape == Shape())) {
    const ElementType bias = inputs[2].type;
    const bool fits =
        integer ? bias == ElementType::kInt32 || bias == ElementType::kInt64 : bias == ElementType::kFloat32;
    if (!fits) {
      return misfit(place + ": bias is " + std::string(name(bias)) + " for an input of " +
                    std::string(name(inputs[0].type)));
    }
  }
  return check_affine(row, inputs.first(1), output);
}

}  // namespace

Status check_codes(const RuntimeOperator& row, std::span<const TensorView> inputs, const TensorView& output) {
  switch (row.op) {
    case Op::kConv2d:
    case Op::kFullyConnected:
      return check_weighted(row, inputs, output, 0);
    case Op::kDepthwiseConv2d:
      return check_weighted(row, inputs, output, 3);
    case Op::kMean:
    case Op::kSum:
      return check_affine(row, inputs.first(1), output);
    case Op::kAdd:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kLogistic:
    case Op::kMul:
    case Op::kQuantize:
    case Op::kRelu:
    case Op::kRelu6:
    case Op::kReluN1To1:
    case Op::kRsqrt:
    case Op::kSoftmax:
    case Op::kSub:
    case Op::kTanh:
      return check_affine(row, inputs, output);
    default:
      return {};
  }
}

}  // namespace burin
