#include "ops/quantization/toolkit.hpp"

namespace burin {

// int4 6; int16 and float16 3; int8 per channel 5, per tensor 2; else 1.
int32_t version_dequantize(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.type == ElementType::kInt4) return 6;
  if (input.type == ElementType::kInt16 || input.type == ElementType::kFloat16) return 3;
  if (input.type != ElementType::kInt8) return 1;
  return input.quantization && input.quantization->per_channel() ? 5 : 2;
}

// int4 4, per channel 3, int16 output 2, else 1.
int32_t version_quantize(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.outputs[0]];
  if (graph.tensors[node.inputs[0]].type == ElementType::kInt4 || output.type == ElementType::kInt4) return 4;
  if (output.quantization && output.quantization->per_channel()) return 3;
  return output.type == ElementType::kInt16 ? 2 : 1;
}

}  // namespace burin
