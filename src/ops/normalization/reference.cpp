#include <cmath>

#include "ops/normalization/runtime.hpp"
#include "ops/operands.hpp"

namespace burin {

Status evaluate_batch_normalization(const EvaluateContext& context) {
  const auto& attributes = get<BatchNormalizationAttributes>(context.attributes);
  for (const TensorView& input : context.inputs) {
    if (input.type != ElementType::kFloat32) return unsupported_type("BATCH_NORMALIZATION", input.type);
  }
  const Shape& shape = context.inputs[0].shape;
  int axis;
  if (!normalize_axis(attributes.axis, shape.rank(), axis)) return misfit("BATCH_NORMALIZATION: no such axis");
  const int64_t channels = shape[axis];
  const size_t mean_index = 1u + (attributes.scale ? 1 : 0) + (attributes.center ? 1 : 0);
  const InputValues<float> mean(context.inputs[mean_index]), variance(context.inputs[mean_index + 1]);
  // The factor and shift of every channel, in double: they are constants that a pass folds in double too.
  std::vector<float> factor(static_cast<size_t>(channels)), shift(static_cast<size_t>(channels));
  const InputValues<float> gamma(attributes.scale ? context.inputs[1] : TensorView{});
  const InputValues<float> beta(attributes.center ? context.inputs[mean_index - 1] : TensorView{});
  for (int64_t c = 0; c < channels; ++c) {
    double scale = 1.0 / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(attributes.epsilon));
    if (attributes.scale) scale *= static_cast<double>(gamma[c]);
    const double offset =
        (attributes.center ? static_cast<double>(beta[c]) : 0.0) - static_cast<double>(mean[c]) * scale;
    factor[static_cast<size_t>(c)] = static_cast<float>(scale);
    shift[static_cast<size_t>(c)] = static_cast<float>(offset);
  }
  int64_t inner = 1;
  for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  const InputValues<float> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  const int64_t outer = inner * channels == 0 ? 0 : shape.elements() / (inner * channels);
  int64_t i = 0;
  for (int64_t o = 0; o < outer; ++o) {
    for (size_t c = 0; c < factor.size(); ++c) {
      for (int64_t k = 0; k < inner; ++k, ++i) output[i] = input[i] * factor[c] + shift[c];
    }
  }
  return {};
}

Status evaluate_rescaling(const EvaluateContext& context) {
  const auto& attributes = get<RescalingAttributes>(context.attributes);
  if (context.inputs[0].type != ElementType::kFloat32) return unsupported_type("RESCALING", context.inputs[0].type);
  const InputValues<float> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  const size_t scale_step = attributes.scale.size() > 1 ? 1 : 0, offset_step = attributes.offset.size() > 1 ? 1 : 0;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    for (int64_t c = 0; c < matrix.columns; ++c) {
      const auto channel = static_cast<size_t>(c);
      output[row * matrix.columns + c] = input[row * matrix.columns + c] * attributes.scale[channel * scale_step] +
                                         attributes.offset[channel * offset_step];
    }
  }
  return {};
}

}  // namespace burin
