#include "ops/cost.hpp"

#include "ops/matmul/toolkit.hpp"

namespace burin {

int64_t multiply_accumulates_fully_connected(const Graph& graph, const Node& node) {
  return elements_per_sample(graph.tensors[node.outputs[0]].shape) * graph.tensors[node.inputs[1]].shape.back();
}

}  // namespace burin
