#include "ops/elementwise/broadcast.hpp"
#include "ops/elementwise/runtime.hpp"

namespace burin {

Status infer_unary(const InferContext& context, std::span<InferredTensor> outputs) {
  outputs[0] = {context.inputs[0].type, context.inputs[0].shape};
  return {};
}

Status infer_binary(const InferContext& context, std::span<InferredTensor> outputs) {
  const TensorView& a = context.inputs[0];
  const TensorView& b = context.inputs[1];
  if (a.type != b.type) {
    return misfit("operands are " + std::string(name(a.type)) + " and " + std::string(name(b.type)));
  }
  outputs[0].type = a.type;
  if (!broadcast_shapes(a.shape, b.shape, outputs[0].shape)) {
    return misfit("operands of shapes " + to_string(a.shape) + " and " + to_string(b.shape) + " do not broadcast");
  }
  return check_size("broadcasting", outputs[0].shape);
}

}  // namespace burin
