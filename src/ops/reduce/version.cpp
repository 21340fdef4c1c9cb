#include "ops/reduce/toolkit.hpp"

namespace burin {

// MEAN, REDUCE_MAX: int16 3, int8 2, else 1.
int32_t version_reduce(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  return type == ElementType::kInt16 ? 3 : type == ElementType::kInt8 ? 2 : 1;
}

int32_t version_sum(const Graph& graph, const Node& node) {
  return graph.tensors[node.inputs[0]].type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace burin
