#include "passes/weighted_layer.hpp"

#include <algorithm>
#include <cmath>

#include "ops/operator.hpp"
#include "ops/rules.hpp"

namespace burin {

namespace {

// Kernel in memory order and bias, in double until it is rounded once.
struct Weights {
  std::vector<float> kernel;
  std::vector<double> bias;
  size_t outputs = 0;
  bool has_bias = false;
};

Weights read_weights(Rewriter& rewriter, NodeId layer) {
  const Node& node = rewriter.node(layer);
  Weights weights;
  const Tensor& kernel = rewriter.tensor(node.inputs[1]);
  weights.kernel = rewriter.model().constant_values<float>(kernel.constant);
  weights.outputs = static_cast<size_t>(node.op == Op::kDepthwiseConv2d ? kernel.shape.back() : kernel.shape[0]);
  weights.bias.assign(weights.outputs, 0.0);
  weights.has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoId;
  if (weights.has_bias) {
    const auto values = rewriter.model().constant_values<float>(rewriter.tensor(node.inputs[2]).constant);
    std::ranges::copy(values, weights.bias.begin());
  }
  return weights;
}

bool write_weights(Rewriter& rewriter, NodeId layer, Weights weights) {
  std::vector<float> bias(weights.bias.begin(), weights.bias.end());
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(weights.kernel, finite) || !std::ranges::all_of(bias, finite)) return false;
  const Tensor kernel = rewriter.tensor(rewriter.node(layer).inputs[1]);
  const bool needs_bias = weights.has_bias || std::ranges::any_of(bias, [](float value) { return value != 0.0f; });
  rewriter.set_input(layer, 1,
                     rewriter.add_constant(kernel.name, kernel.origin, ElementType::kFloat32, kernel.shape,
                                           std::move(weights.kernel)));
  if (!needs_bias) return true;
  std::string name, origin = bias_origin(rewriter, layer);
  if (weights.has_bias) {
    const Tensor& old = rewriter.tensor(rewriter.node(layer).inputs[2]);
    name = old.name;
    origin = old.origin;
  } else {
    name = origin;
  }
  const Shape shape{static_cast<int32_t>(bias.size())};
  rewriter.set_input(layer, 2, rewriter.add_constant(name, origin, ElementType::kFloat32, shape, std::move(bias)));
  return true;
}

// Calls f(kernel value, output channel, input channel) for every element, in order of memory.
template <typename F>
void for_each_weight(Rewriter& rewriter, NodeId layer, Weights& weights, F&& f) {
  const Node& node = rewriter.node(layer);
  const size_t outputs = weights.outputs;
  if (weights.kernel.empty()) return;
  if (node.op == Op::kDepthwiseConv2d) {
    const auto inputs = static_cast<size_t>(std::max(1, rewriter.tensor(node.inputs[0]).shape.back()));
    const size_t multiplier = std::max<size_t>(1, outputs / inputs);
    for (size_t i = 0; i < weights.kernel.size(); i += outputs) {
      for (size_t o = 0; o < outputs; ++o) f(weights.kernel[i + o], o, o / multiplier);
    }
    return;
  }
  const auto columns = static_cast<size_t>(rewriter.tensor(node.inputs[1]).shape.back());
  size_t groups = 1;
  if (node.op == Op::kConv2d) {
    groups = std::max<size_t>(1, static_cast<size_t>(rewriter.tensor(node.inputs[0]).shape.back()) / columns);
  }
  const size_t per_output = weights.kernel.size() / outputs;
  for (size_t o = 0; o < outputs; ++o) {
    const size_t first = o / std::max<size_t>(1, outputs / groups) * columns;
    float* kernel = weights.kernel.data() + o * per_output;
    for (size_t i = 0; i < per_output; i += columns) {
      for (size_t c = 0; c < columns; ++c) f(kernel[i + c], o, first + c);
    }
  }
}

struct Window {
  int32_t stride_h, stride_w, dilation_h, dilation_w;
  Padding padding;
};

Window window_of(const Node& node) {
  if (node.op == Op::kConv2d) {
    const auto& a = get<Conv2dAttributes>(node.attributes);
    return {a.stride_h, a.stride_w, a.dilation_h, a.dilation_w, a.padding};
  }
  const auto& a = get<DepthwiseConv2dAttributes>(node.attributes);
  return {a.stride_h, a.stride_w, a.dilation_h, a.dilation_w, a.padding};
}

}  // namespace

bool is_weighted_layer(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  return (node.op == Op::kConv2d || node.op == Op::kDepthwiseConv2d || node.op == Op::kFullyConnected) &&
         has_constant_weights(rewriter.graph(), node);
}

int32_t same_padding(int32_t size, int32_t filter, int32_t stride, int32_t dilation) {
  const int64_t outputs = (int64_t{size} + stride - 1) / stride;
  return static_cast<int32_t>(
      std::max<int64_t>(0, (outputs - 1) * stride + (int64_t{filter} - 1) * dilation + 1 - size));
}

std::optional<SpatialPadding> padding_of(Rewriter& rewriter, NodeId layer) {
  const Node& node = rewriter.node(layer);
  if (node.op == Op::kFullyConnected) return SpatialPadding{};
  const Window window = window_of(node);
  if (window.padding == Padding::kValid) return SpatialPadding{};
  const Shape& input = rewriter.tensor(node.inputs[0]).shape;
  const Shape& kernel = rewriter.tensor(node.inputs[1]).shape;
  if (kernel[1] == 1 && kernel[2] == 1) return SpatialPadding{};
  if (input[1] == Shape::kFree || input[2] == Shape::kFree) return {};
  const int32_t rows = same_padding(input[1], kernel[1], window.stride_h, window.dilation_h);
  const int32_t columns = same_padding(input[2], kernel[2], window.stride_w, window.dilation_w);
  return SpatialPadding{rows / 2, rows - rows / 2, columns / 2, columns - columns / 2};
}

void set_valid_padding(Rewriter& rewriter, NodeId layer) {
  Attributes& attributes = rewriter.node(layer).attributes;
  if (auto* conv = std::get_if<Conv2dAttributes>(&attributes)) conv->padding = Padding::kValid;
  if (auto* depthwise = std::get_if<DepthwiseConv2dAttributes>(&attributes)) depthwise->padding = Padding::kValid;
}

TensorId add_padding(Rewriter& rewriter, TensorId input, const SpatialPadding& padding, float value,
                     const std::string& name) {
  const TensorId output = rewriter.add_tensor_like(input, name);
  Shape& shape = rewriter.tensor(output).shape;
  shape[1] += padding.top + padding.bottom;
  shape[2] += padding.left + padding.right;
  const std::vector<int32_t> amounts{0, 0, padding.top, padding.bottom, padding.left, padding.right, 0, 0};
  Node node{Op::kPad, {input}, {output}, NoAttributes{}};
  node.inputs.push_back(rewriter.add_constant(name + "/paddings", {}, ElementType::kInt32, Shape{4, 2}, amounts));
  if (value != 0.0f) {
    node.op = Op::kPadV2;
    node.inputs.push_back(
        rewriter.add_constant(name + "/value", {}, ElementType::kFloat32, Shape{}, std::vector<float>{value}));
  }
  rewriter.add_node(std::move(node));
  return output;
}

bool fold_into_outputs(Rewriter& rewriter, NodeId layer, const ChannelAffine& affine) {
  Weights weights = read_weights(rewriter, layer);
  if (affine.size() != 1 && affine.size() != weights.outputs) return false;
  const size_t step = affine.size() == 1 ? 0 : 1;
  for_each_weight(rewriter, layer, weights, [&](float& weight, size_t o, size_t) {
    weight = static_cast<float>(weight * affine.scale[o * step]);
  });
  for (size_t o = 0; o < weights.outputs; ++o) {
    weights.bias[o] = weights.bias[o] * affine.scale[o * step] + affine.offset[o * step];
  }
  return write_weights(rewriter, layer, std::move(weights));
}

bool fold_into_inputs(Rewriter& rewriter, NodeId layer, const ChannelAffine& affine) {
  Weights weights = read_weights(rewriter, layer);
  const Node& node = rewriter.node(layer);
  const int32_t channels = node.op == Op::kFullyConnected ? rewriter.tensor(node.inputs[1]).shape.back()
                                                          : rewriter.tensor(node.inputs[0]).shape.back();
  if (channels <= 0 || channels % static_cast<int32_t>(affine.size()) != 0) return false;
  for_each_weight(rewriter, layer, weights, [&](float& weight, size_t o, size_t c) {
    weights.bias[o] += weight * affine.offset[c % affine.size()];
    weight = static_cast<float>(weight * affine.scale[c % affine.size()]);
  });
  return write_weights(rewriter, layer, std::move(weights));
}

std::string bias_origin(Rewriter& rewriter, NodeId layer) {
  const Node& node = rewriter.node(layer);
  const std::string& kernel = origin_of(rewriter.tensor(node.inputs[1]));
  const size_t slash = kernel.rfind('/');
  return (slash == std::string::npos ? origin_of(rewriter.graph(), node) : kernel.substr(0, slash)) + "/bias";
}

}  // namespace burin
