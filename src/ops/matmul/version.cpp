#include "ops/matmul/toolkit.hpp"

namespace burin {

// Hybrid with per-channel weights 12; int4 weights 10; hybrid with asymmetric inputs 9; int16 activations 7; no bias 6;
// keep_num_dims 5; int8 4; hybrid 3; else 1.
int32_t version_fully_connected(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  const Tensor& weights = graph.tensors[node.inputs[1]];
  const auto& attributes = get<FullyConnectedAttributes>(node.attributes);
  const bool hybrid = input.type == ElementType::kFloat32 && weights.type == ElementType::kInt8;
  if (hybrid && weights.quantization && weights.quantization->per_channel()) return 12;
  if (weights.type == ElementType::kInt4) return 10;
  if (hybrid && attributes.asymmetric_quantize_inputs) return 9;
  if (input.type == ElementType::kInt16) return 7;
  if (node.inputs.size() == 2) return 6;
  if (attributes.keep_num_dims) return 5;
  if (input.type == ElementType::kInt8) return 4;
  return hybrid ? 3 : 1;
}

}  // namespace burin
