// FULLY_CONNECTED: rows of the input times rows of the weights, each sum over k in ascending order.
#include <algorithm>

#include "ops/matmul/runtime.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

namespace {

constexpr std::string_view kName = "FULLY_CONNECTED";
constexpr int64_t kLanes = 16;  // outputs that are summed together

struct MatrixShape {
  int64_t rows, depth, outputs;
};

template <typename T, typename X, typename Finish>
void multiply(const MatrixShape& shape, const X* input, int32_t zero_point, const typename T::Weight* weights,
              const Finish& finish) {
  std::vector<typename T::Weight> packed(static_cast<size_t>(shape.depth * kLanes));
  for (int64_t first = 0; first < shape.outputs; first += kLanes) {
    const int64_t count = std::min(kLanes, shape.outputs - first);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t k = 0; k < shape.depth; ++k) {
        packed[static_cast<size_t>(k * kLanes + i)] = weights[(first + i) * shape.depth + k];
      }
    }
    for (int64_t row = 0; row < shape.rows; ++row) {
      typename T::Sum sums[kLanes] = {};
      finish.start(first, count, sums);
      const typename T::Weight* w = packed.data();
      for (int64_t k = 0; k < shape.depth; ++k, w += kLanes) {
        const auto value = T::value(input[row * shape.depth + k], zero_point);
        for (int64_t i = 0; i < kLanes; ++i) T::add(sums[i], value, w[i]);
      }
      finish.store(row, row, first, count, sums);
    }
  }
}

template <typename T, typename X>
Status evaluate_quantized(const EvaluateContext& context, const MatrixShape& shape, FusedActivation activation) {
  std::vector<int16_t> weights;
  if (Status status = widen_weights(kName, context.inputs[1], shape.outputs, weights); !status.is_ok()) return status;
  AffineParameters parameters;
  if (Status status = read_affine(kName, "input", context.inputs[0], parameters); !status.is_ok()) return status;
  const InputValues<X> input(context.inputs[0]);
  QuantizedFinish<T, X> finish;
  Status status =
      QuantizedFinish<T, X>::make(kName, context, activation, shape.outputs, ReferenceRounding::kOnce, finish);
  if (status.is_ok()) multiply<T>(shape, input.data(), parameters.zero_point, weights.data(), finish);
  return status;
}

Status evaluate_float(const EvaluateContext& context, const MatrixShape& shape, FusedActivation activation) {
  const InputValues<float> input(context.inputs[0]), weights(context.inputs[1]);
  FloatFinish finish;
  Status status = FloatFinish::make(kName, context, activation, shape.outputs, finish);
  if (status.is_ok()) multiply<FloatSum>(shape, input.data(), 0, weights.data(), finish);
  return status;
}

Status evaluate_hybrid(const EvaluateContext& context, const MatrixShape& shape,
                       const FullyConnectedAttributes& attributes) {
  std::vector<int16_t> weights;
  if (Status status = widen_weights(kName, context.inputs[1], shape.outputs, weights); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  const bool asymmetric = attributes.asymmetric_quantize_inputs || context.arithmetic == Arithmetic::kLitert;
  const RowCoding coding = asymmetric ? RowCoding::kAsymmetric : RowCoding::kSymmetric;
  QuantizedRows rows = quantize_rows(input.data(), shape.rows, shape.depth, coding);
  HybridFinish finish;
  Status status =
      HybridFinish::make(kName, context, attributes.activation, shape.outputs, std::move(rows.scales), true, finish);
  if (status.is_ok()) multiply<IntegerSum>(shape, rows.codes.data(), 0, weights.data(), finish);
  return status;
}

}  // namespace

Status evaluate_fully_connected(const EvaluateContext& context) {
  const auto& attributes = get<FullyConnectedAttributes>(context.attributes);
  const ElementType type = context.inputs[0].type;
  const ElementType weight_type = context.inputs[1].type;
  if (context.outputs[0].type != type) return unsupported_type(kName, context.outputs[0].type);
  const Shape& weights = context.inputs[1].shape;
  const MatrixShape shape{context.inputs[0].shape.elements() / weights[1], weights[1], weights[0]};
  const bool small_weights = weight_type == ElementType::kInt8 || weight_type == ElementType::kInt4;
  if (type == ElementType::kFloat32 && weight_type == ElementType::kFloat32) {
    return evaluate_float(context, shape, attributes.activation);
  }
  if (type == ElementType::kFloat32 && small_weights) return evaluate_hybrid(context, shape, attributes);
  if (type == ElementType::kInt8 && small_weights) {
    return evaluate_quantized<IntegerSum, int8_t>(context, shape, attributes.activation);
  }
  if (type == ElementType::kUInt8 && weight_type == ElementType::kUInt8) {
    return evaluate_quantized<IntegerSum, uint8_t>(context, shape, attributes.activation);
  }
  if (type == ElementType::kInt16 && small_weights) {
    return evaluate_quantized<LongSum, int16_t>(context, shape, attributes.activation);
  }
  return unsupported_weights(kName, type, weight_type);
}

}  // namespace burin
