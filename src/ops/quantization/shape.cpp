#include "ops/operands.hpp"
#include "ops/quantization/runtime.hpp"

namespace burin {

Status infer_dequantize(const InferContext& context, std::span<InferredTensor> outputs) {
  outputs[0] = {ElementType::kFloat32, context.inputs[0].shape};
  return {};
}

// The output's type is the one that the model declares: nothing else tells it.
Status infer_quantize(const InferContext& context, std::span<InferredTensor> outputs) {
  outputs[0].shape = context.inputs[0].shape;
  return {};
}

}  // namespace burin
