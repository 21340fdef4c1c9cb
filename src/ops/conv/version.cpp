#include "ops/conv/toolkit.hpp"

namespace burin {

// Float 1, dilated float depthwise 2; int8 3; int16 activations 4 and 5; hybrid (float input, int8 weights) 2 and 4,
// per channel 5 and 6; grouped 6; int4 weights 7.
int32_t version_conv2d(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  const Tensor& weights = graph.tensors[node.inputs[1]];
  if (weights.type == ElementType::kInt4) return 7;
  if (input.shape.back() != weights.shape.back()) return 6;
  if (weights.type != ElementType::kInt8) return 1;
  if (input.type == ElementType::kInt16) return 4;
  if (input.type == ElementType::kInt8) return 3;
  return weights.quantization && weights.quantization->per_channel() ? 5 : 2;
}

int32_t version_depthwise_conv2d(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  const Tensor& weights = graph.tensors[node.inputs[1]];
  const auto& attributes = get<DepthwiseConv2dAttributes>(node.attributes);
  if (weights.type == ElementType::kInt4) return 7;
  if (weights.type != ElementType::kInt8) return attributes.dilation_h != 1 || attributes.dilation_w != 1 ? 2 : 1;
  if (input.type == ElementType::kInt16) return 5;
  if (input.type == ElementType::kInt8) return 3;
  return weights.quantization && weights.quantization->per_channel() ? 6 : 4;
}

}  // namespace burin
