#include "ops/normalization/runtime.hpp"
#include "ops/operands.hpp"

namespace burin {

Status infer_batch_normalization(const InferContext& context, std::span<InferredTensor> outputs) {
  const auto& attributes = get<BatchNormalizationAttributes>(context.attributes);
  const Shape& input = context.inputs[0].shape;
  int axis;
  if (!normalize_axis(attributes.axis, input.rank(), axis)) {
    return misfit("BATCH_NORMALIZATION: input of shape " + to_string(input) + " has no axis " +
                  std::to_string(attributes.axis));
  }
  const size_t expected = 3u + (attributes.scale ? 1 : 0) + (attributes.center ? 1 : 0);
  if (context.inputs.size() != expected) {
    return misfit("BATCH_NORMALIZATION: " + std::to_string(context.inputs.size()) + " inputs, not " +
                  std::to_string(expected));
  }
  for (size_t i = 1; i < expected; ++i) {
    if (context.has_input[i] && context.inputs[i].shape.elements() == input[axis]) continue;
    return misfit("BATCH_NORMALIZATION: input has " + std::to_string(input[axis]) + " channels, a variable has shape " +
                  to_string(context.inputs[i].shape));
  }
  outputs[0] = {context.inputs[0].type, input};
  return {};
}

Status infer_rescaling(const InferContext& context, std::span<InferredTensor> outputs) {
  const auto& attributes = get<RescalingAttributes>(context.attributes);
  const Shape& input = context.inputs[0].shape;
  const int64_t channels = input.rank() == 0 ? 1 : input.back();
  for (size_t count : {attributes.scale.size(), attributes.offset.size()}) {
    if (count == 1 || static_cast<int64_t>(count) == channels) continue;
    return misfit("RESCALING: " + std::to_string(count) + " factors for " + std::to_string(channels) + " channels");
  }
  outputs[0] = {ElementType::kFloat32, input};
  return {};
}

}  // namespace burin
