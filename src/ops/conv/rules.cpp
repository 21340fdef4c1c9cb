#include "ops/rules.hpp"

#include "ops/conv/toolkit.hpp"

namespace burin {

// CONV_2D kernels are O,H,W,I, DEPTHWISE_CONV_2D kernels 1,H,W,O: one scale per output channel.
OperatorQuantization quantization_conv(const Model&, const Graph& graph, const Node& node) {
  if (!has_constant_weights(graph, node)) return {};
  const bool conv2d = node.op == Op::kConv2d;
  const Shape& kernel = graph.tensors[node.inputs[1]].shape;
  return {.rule = QuantizationRule::kWeighted,
          .weight_axis = conv2d ? 0 : 3,
          .int4_weights = conv2d && kernel[1] == 1 && kernel[2] == 1};
}

}  // namespace burin
