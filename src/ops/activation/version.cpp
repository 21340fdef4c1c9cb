#include "ops/activation/toolkit.hpp"

namespace burin {

// RELU, RELU6, LOGISTIC, TANH: int16 3, int8 2, else 1; RELU has uint8 from version 2 on.
int32_t version_activation(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  if (type == ElementType::kInt16) return 3;
  return type == ElementType::kInt8 || (type == ElementType::kUInt8 && node.op == Op::kRelu) ? 2 : 1;
}

int32_t version_leaky_relu(const Graph& graph, const Node& node) {
  return graph.tensors[node.inputs[0]].type == ElementType::kInt16 ? 2 : 1;
}

int32_t version_gelu(const Graph& graph, const Node& node) {
  return graph.tensors[node.inputs[0]].type == ElementType::kFloat32 ? 1 : 2;
}

}  // namespace burin
