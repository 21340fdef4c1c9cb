// What the quantization rules of every family ask about a node's tensors.
#pragma once

#include "graph/model.hpp"

namespace burin {

inline bool is_float(const Graph& graph, TensorId tensor) {
  return tensor != kNoId && graph.tensors[tensor].type == ElementType::kFloat32;
}

// Float activations (input 0), float constant weights (input 1), and a float constant bias (input 2) or none.
inline bool has_constant_weights(const Graph& graph, const Node& node) {
  const auto is_constant = [&](TensorId id) { return is_float(graph, id) && graph.tensors[id].constant != kNoId; };
  return is_float(graph, node.inputs[0]) && graph.tensors[node.inputs[0]].constant == kNoId &&
         is_constant(node.inputs[1]) &&
         (node.inputs.size() < 3 || node.inputs[2] == kNoId || is_constant(node.inputs[2]));
}

}  // namespace burin
