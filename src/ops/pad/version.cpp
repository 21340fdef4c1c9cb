#include "ops/pad/toolkit.hpp"

namespace burin {

// More than four dimensions 4, int16 3, int8 2, else 1.
int32_t version_pad(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.shape.rank() > 4) return 4;
  return input.type == ElementType::kInt16 ? 3 : input.type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace burin
