// Normalization layers. BatchNormalization and Normalization keep operators of their own, which passes fold; the others
// become primitive operators.
#include <array>
#include <cmath>
#include <cstring>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

// One axis, counted from the front.
int32_t single_axis(const LayerCall& call, int32_t absent) {
  const std::vector<int32_t> axes =
      call.config.find("axis") == nullptr ? std::vector<int32_t>{absent} : call.config.integers("axis");
  const int32_t axis = axes.empty() ? -1 : axes[0] < 0 ? axes[0] + call.rank() : axes[0];
  if (axes.size() != 1 || axis < 1 || axis >= call.rank()) throw call.config.unsupported_value("axis");
  return axis;
}

TensorId build_batch_normalization(const LayerCall& call) {
  const LayerConfig& config = call.config;
  if (config.boolean("renorm", false)) throw config.unsupported_value("renorm");
  BatchNormalizationAttributes attributes;
  attributes.axis = single_axis(call, -1);
  attributes.epsilon = config.number("epsilon", 1e-3f);
  attributes.scale = config.boolean("scale", true);
  attributes.center = config.boolean("center", true);
  const Shape shape{call.fixed_size(attributes.axis)};
  std::vector<TensorId> inputs = {call.input()};
  size_t index = 0;
  const auto add = [&](std::string_view variable) {
    inputs.push_back(call.graph.constant(call.path(), variable, call.weights.read(config, index++, variable, shape)));
  };
  if (attributes.scale) add("gamma");
  if (attributes.center) add("beta");
  add("moving_mean");
  add("moving_variance");
  return call.emit("", Op::kBatchNormalization, inputs, attributes);
}

std::vector<float> floats_of(const WeightValues& values) {
  std::vector<float> result(values.bytes.size() / sizeof(float));
  if (!result.empty()) std::memcpy(result.data(), values.bytes.data(), values.bytes.size());
  return result;
}

// (x - mean) / max(sqrt(variance), 1e-7), with given moments or those that adapt() found.
TensorId build_normalization(const LayerCall& call) {
  const LayerConfig& config = call.config;
  const bool per_channel = config.find("axis") != nullptr && config.find("axis")->dump() != "[]";
  if (per_channel && single_axis(call, -1) != call.rank() - 1) throw config.unsupported_value("axis");
  std::vector<float> mean;
  std::vector<float> variance;
  if (config.find("mean") != nullptr) {
    mean = config.numbers("mean");
    variance = config.numbers("variance");
  } else {
    mean = floats_of(call.weights.read(config, 0, "mean"));
    variance = floats_of(call.weights.read(config, 1, "variance"));
  }
  const size_t channels = per_channel ? static_cast<size_t>(call.fixed_size(call.rank() - 1)) : 1;
  if ((mean.size() != 1 && mean.size() != channels) || (variance.size() != 1 && variance.size() != channels)) {
    throw config.invalid("mean and variance have " + std::to_string(mean.size()) + " and " +
                         std::to_string(variance.size()) + " values for " + std::to_string(channels) + " channels");
  }
  RescalingAttributes attributes;
  attributes.scale.assign(channels, 0.0f);
  attributes.offset.assign(channels, 0.0f);
  for (size_t i = 0; i < channels; ++i) {
    const double center = mean[mean.size() == 1 ? 0 : i];
    const double deviation = std::max(std::sqrt(double{variance[variance.size() == 1 ? 0 : i]}), 1e-7);
    const bool invert = config.boolean("invert", false);
    attributes.scale[i] = static_cast<float>(invert ? deviation : 1.0 / deviation);
    attributes.offset[i] = static_cast<float>(invert ? center : -center / deviation);
  }
  return call.emit("", Op::kRescaling, {call.input()}, attributes);
}

std::vector<int32_t> axes_from_front(const LayerCall& call) {
  std::vector<int32_t> axes =
      call.config.find("axis") == nullptr ? std::vector<int32_t>{-1} : call.config.integers("axis");
  for (int32_t& axis : axes) {
    if (axis < 0) axis += call.rank();
    if (axis < 1 || axis >= call.rank()) throw call.config.unsupported_value("axis");
  }
  return axes;
}

// Variable `index` of shape (size of each axis), broadcast against the input.
TensorId broadcast_variable(const LayerCall& call, size_t index, std::string_view variable,
                            std::span<const int32_t> axes) {
  Shape stored;
  std::vector<int32_t> dims(static_cast<size_t>(call.rank()), 1);
  int32_t previous = 0;
  for (const int32_t axis : axes) {
    if (axis <= previous) throw call.config.unsupported_value("axis");
    previous = axis;
    stored.append(call.fixed_size(axis));
    dims[static_cast<size_t>(axis)] = call.fixed_size(axis);
  }
  WeightValues values = call.weights.read(call.config, index, variable, stored);
  values.shape = Shape(std::span<const int32_t>(dims));
  return call.graph.constant(call.path(), variable, values);
}

TensorId arithmetic(const LayerCall& call, std::string_view part, Op op, TensorId a, TensorId b) {
  return call.emit(part, op, {a, b}, ArithmeticAttributes{});
}

// (x - mean) * rsqrt(variance + epsilon) * gamma + beta over `axis`.
TensorId build_layer_normalization(const LayerCall& call) {
  const LayerConfig& config = call.config;
  if (config.boolean("rms_scaling", false)) throw config.unsupported_value("rms_scaling");
  const std::vector<int32_t> axes = axes_from_front(call);
  const TensorId axes_tensor = call.graph.constant(call.path(), "axes", axes);
  const TensorId mean = call.emit("mean", Op::kMean, {call.input(), axes_tensor}, ReduceAttributes{true});
  const TensorId centered = arithmetic(call, "centered", Op::kSub, call.input(), mean);
  const TensorId square = call.emit("square", Op::kSquare, {centered});
  const TensorId variance = call.emit("variance", Op::kMean, {square, axes_tensor}, ReduceAttributes{true});
  const TensorId epsilon = call.graph.scalar(call.path(), "epsilon", config.number("epsilon", 1e-3f));
  const TensorId raised = arithmetic(call, "raised", Op::kAdd, variance, epsilon);
  const TensorId factor = call.emit("factor", Op::kRsqrt, {raised});
  const bool scale = config.boolean("scale", true);
  const bool center = config.boolean("center", true);
  size_t index = 0;
  TensorId x = arithmetic(call, scale || center ? "normalized" : "", Op::kMul, centered, factor);
  if (scale) {
    x = arithmetic(call, center ? "scaled" : "", Op::kMul, x, broadcast_variable(call, index++, "gamma", axes));
  }
  if (center) x = arithmetic(call, "", Op::kAdd, x, broadcast_variable(call, index, "beta", axes));
  return x;
}

// x * rsqrt(mean(x^2) + epsilon) * scale
TensorId build_rms_normalization(const LayerCall& call) {
  const std::vector<int32_t> axes = axes_from_front(call);
  const TensorId square = call.emit("square", Op::kSquare, {call.input()});
  const TensorId mean =
      call.emit("mean", Op::kMean, {square, call.graph.constant(call.path(), "axes", axes)}, ReduceAttributes{true});
  const TensorId epsilon = call.graph.scalar(call.path(), "epsilon", call.config.number("epsilon", 1e-6f));
  const TensorId factor = call.emit("factor", Op::kRsqrt, {arithmetic(call, "raised", Op::kAdd, mean, epsilon)});
  const TensorId normalized = arithmetic(call, "normalized", Op::kMul, call.input(), factor);
  return arithmetic(call, "", Op::kMul, normalized, broadcast_variable(call, 0, "scale", axes));
}

// x * rsqrt(max(sum(x^2), 1e-12))
TensorId build_unit_normalization(const LayerCall& call) {
  const TensorId square = call.emit("square", Op::kSquare, {call.input()});
  const TensorId axes = call.graph.constant(call.path(), "axes", axes_from_front(call));
  const TensorId sum = call.emit("sum", Op::kSum, {square, axes}, ReduceAttributes{true});
  const TensorId bounded = call.emit("bounded", Op::kMaximum, {sum, call.graph.scalar(call.path(), "least", 1e-12f)});
  return arithmetic(call, "", Op::kMul, call.input(), call.emit("factor", Op::kRsqrt, {bounded}));
}

constexpr std::array<KerasLayer, 5> kNormalizationLayers = {{
    {"BatchNormalization", 1, 1, build_batch_normalization},
    {"LayerNormalization", 1, 1, build_layer_normalization},
    {"Normalization", 1, 1, build_normalization},
    {"RMSNormalization", 1, 1, build_rms_normalization},
    {"UnitNormalization", 1, 1, build_unit_normalization},
}};

}  // namespace

std::span<const KerasLayer> normalization_layers() { return kNormalizationLayers; }

}  // namespace burin
