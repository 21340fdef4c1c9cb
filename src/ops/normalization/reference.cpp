#include "ops/normalization/channel_scaling.hpp"
#include "ops/normalization/runtime.hpp"
#include "ops/operands.hpp"

namespace burin {

namespace {

void scale(const EvaluateContext& context, const ChannelScaling& scaling) {
  const InputValues<float> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  int64_t i = 0;
  for (int64_t o = 0; o < scaling.outer; ++o) {
    for (size_t c = 0; c < scaling.factor.size(); ++c) {
      for (int64_t k = 0; k < scaling.inner; ++k, ++i) output[i] = input[i] * scaling.factor[c] + scaling.shift[c];
    }
  }
}

}  // namespace

Status evaluate_batch_normalization(const EvaluateContext& context) {
  ChannelScaling scaling;
  const Status status = batch_normalization_scaling(context.inputs, context.attributes, scaling);
  if (status.is_ok()) scale(context, scaling);
  return status;
}

Status evaluate_rescaling(const EvaluateContext& context) {
  ChannelScaling scaling;
  const Status status = rescaling_scaling(context.inputs, context.attributes, scaling);
  if (status.is_ok()) scale(context, scaling);
  return status;
}

}  // namespace burin
