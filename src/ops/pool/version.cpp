#include "ops/pool/toolkit.hpp"

namespace burin {

// int16 3, int8 2, else 1.
int32_t version_pool2d(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  return type == ElementType::kInt16 ? 3 : type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace burin
