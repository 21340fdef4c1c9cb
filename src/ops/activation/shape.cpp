#include "ops/activation/runtime.hpp"
#include "ops/elementwise/broadcast.hpp"

namespace burin {

Status infer_prelu(const InferContext& context, std::span<InferredTensor> outputs) {
  const TensorView& input = context.inputs[0];
  const TensorView& alpha = context.inputs[1];
  Shape shape;
  if (!broadcast_shapes(input.shape, alpha.shape, shape) || !(shape == input.shape)) {
    return misfit("PRELU: alpha of shape " + to_string(alpha.shape) + " does not broadcast to the input's " +
                  to_string(input.shape));
  }
  outputs[0] = {input.type, input.shape};
  return {};
}

}  // namespace burin
