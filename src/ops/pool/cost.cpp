#include "ops/cost.hpp"

#include "ops/pool/toolkit.hpp"

namespace burin {

int64_t multiply_accumulates_pool2d(const Graph& graph, const Node& node) {
  const auto& attributes = get<Pool2dAttributes>(node.attributes);
  return elements_per_sample(graph.tensors[node.outputs[0]].shape) * attributes.filter_h * attributes.filter_w;
}

}  // namespace burin
