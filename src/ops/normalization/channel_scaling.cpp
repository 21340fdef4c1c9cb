#include "ops/normalization/channel_scaling.hpp"

#include <cmath>

#include "ops/operands.hpp"

namespace burin {

Status batch_normalization_scaling(std::span<const TensorView> inputs, const Attributes& attributes,
                                   ChannelScaling& scaling) {
  const auto& a = get<BatchNormalizationAttributes>(attributes);
  for (const TensorView& input : inputs) {
    if (input.type != ElementType::kFloat32) return unsupported_type("BATCH_NORMALIZATION", input.type);
  }
  const Shape& shape = inputs[0].shape;
  int axis;
  if (!normalize_axis(a.axis, shape.rank(), axis)) return misfit("BATCH_NORMALIZATION: no such axis");
  const int64_t channels = shape[axis];
  const size_t mean_index = 1u + (a.scale ? 1 : 0) + (a.center ? 1 : 0);
  const InputValues<float> mean(inputs[mean_index]), variance(inputs[mean_index + 1]);
  const InputValues<float> gamma(a.scale ? inputs[1] : TensorView{});
  const InputValues<float> beta(a.center ? inputs[mean_index - 1] : TensorView{});
  // In double: they are constants that a pass folds in double too.
  for (int64_t c = 0; c < channels; ++c) {
    double factor = 1.0 / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(a.epsilon));
    if (a.scale) factor *= static_cast<double>(gamma[c]);
    const double shift = (a.center ? static_cast<double>(beta[c]) : 0.0) - static_cast<double>(mean[c]) * factor;
    scaling.factor.push_back(static_cast<float>(factor));
    scaling.shift.push_back(static_cast<float>(shift));
  }
  for (int i = axis + 1; i < shape.rank(); ++i) scaling.inner *= shape[i];
  const int64_t group = scaling.inner * channels;
  scaling.outer = group == 0 ? 0 : shape.elements() / group;
  return {};
}

Status rescaling_scaling(std::span<const TensorView> inputs, const Attributes& attributes, ChannelScaling& scaling) {
  const auto& a = get<RescalingAttributes>(attributes);
  if (inputs[0].type != ElementType::kFloat32) return unsupported_type("RESCALING", inputs[0].type);
  const RowsOf matrix = rows_of(inputs[0].shape);
  const auto channels = static_cast<size_t>(matrix.columns);
  scaling.outer = matrix.rows;
  scaling.factor = a.scale;
  scaling.shift = a.offset;
  // One value for all, or one per channel already.
  scaling.factor.resize(channels, a.scale[0]);
  scaling.shift.resize(channels, a.offset[0]);
  return {};
}

}  // namespace burin
