#include "ops/matmul/runtime.hpp"
#include "ops/operands.hpp"

namespace burin {

Status infer_fully_connected(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  const Shape& weights = context.inputs[1].shape;
  const auto& attributes = get<FullyConnectedAttributes>(context.attributes);
  if (weights.rank() != 2 || weights.elements() <= 0) {
    return misfit("FULLY_CONNECTED: weights have shape " + to_string(weights) + ", not [outputs, inputs]");
  }
  const int32_t depth = weights[1];
  const int64_t elements = input.elements();
  if (elements < 0 || elements % depth != 0 ||
      (attributes.keep_num_dims && (input.rank() == 0 || input.back() != depth))) {
    return misfit("FULLY_CONNECTED: input has shape " + to_string(input) + ", the weights take " +
                  std::to_string(depth) + " values");
  }
  if (context.inputs.size() > 2 && context.has_input[2] && context.inputs[2].shape.elements() != weights[0]) {
    return misfit("FULLY_CONNECTED: bias has shape " + to_string(context.inputs[2].shape) + " for " +
                  std::to_string(weights[0]) + " outputs");
  }
  outputs[0].type = context.inputs[0].type;
  if (attributes.keep_num_dims) {
    outputs[0].shape = input;
    outputs[0].shape[input.rank() - 1] = weights[0];
  } else {
    const int64_t rows = elements / depth;
    if (rows > INT32_MAX) return Status(StatusCode::kResourceLimit, "FULLY_CONNECTED: too many rows");
    outputs[0].shape = Shape{static_cast<int32_t>(rows), weights[0]};
  }
  return check_size("FULLY_CONNECTED", outputs[0].shape);
}

}  // namespace burin
