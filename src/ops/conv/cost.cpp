#include "ops/cost.hpp"

#include "ops/conv/toolkit.hpp"

namespace burin {

// Every output element reads one kernel of H * W * (input channels / groups).
int64_t multiply_accumulates_conv2d(const Graph& graph, const Node& node) {
  const Shape& kernel = graph.tensors[node.inputs[1]].shape;
  return elements_per_sample(graph.tensors[node.outputs[0]].shape) * kernel[1] * kernel[2] * kernel[3];
}

int64_t multiply_accumulates_depthwise_conv2d(const Graph& graph, const Node& node) {
  const Shape& kernel = graph.tensors[node.inputs[1]].shape;
  return elements_per_sample(graph.tensors[node.outputs[0]].shape) * kernel[1] * kernel[2];
}

}  // namespace burin
