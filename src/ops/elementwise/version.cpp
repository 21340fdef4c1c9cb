#include <algorithm>

#include "ops/elementwise/toolkit.hpp"

namespace burin {

namespace {

// Broadcasting with more than four dimensions came later than the operators.
bool broadcasts_many_dims(const Graph& graph, const Node& node) {
  const Shape& a = graph.tensors[node.inputs[0]].shape;
  const Shape& b = graph.tensors[node.inputs[1]].shape;
  return !(a == b) && std::max(a.rank(), b.rank()) > 4;
}

}  // namespace

// int16 not quantized 5, int64 4, int16 3, int8 2, else 1.
int32_t version_add(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.type == ElementType::kInt64) return 4;
  if (input.type == ElementType::kInt16) return input.quantization ? 3 : 5;
  return input.type == ElementType::kInt8 ? 2 : 1;
}

// int16 5, int64 4, broadcasting with many dimensions 3, int8 2, else 1.
int32_t version_sub(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  if (type == ElementType::kInt16) return 5;
  if (type == ElementType::kInt64) return 4;
  if (broadcasts_many_dims(graph, node)) return 3;
  return type == ElementType::kInt8 ? 2 : 1;
}

// uint32 and int16 not quantized 7, int64 5, int16 4, a rescaling of 1 or more 3, int8 2, else 1.
int32_t version_mul(const Graph& graph, const Node& node) {
  const Tensor& a = graph.tensors[node.inputs[0]];
  const Tensor& b = graph.tensors[node.inputs[1]];
  const Tensor& output = graph.tensors[node.outputs[0]];
  if (a.type == ElementType::kUInt32 || (a.type == ElementType::kInt16 && !a.quantization)) return 7;
  if (a.type == ElementType::kInt64) return 5;
  if (a.type == ElementType::kInt16) return 4;
  if (a.quantization && b.quantization && output.quantization &&
      a.quantization->scales[0] * b.quantization->scales[0] / output.quantization->scales[0] >= 1.0f) {
    return 3;
  }
  return a.type == ElementType::kInt8 ? 2 : 1;
}

int32_t version_div(const Graph& graph, const Node& node) { return broadcasts_many_dims(graph, node) ? 2 : 1; }

// MAXIMUM, MINIMUM: int16 4, broadcasting with many dimensions 3, int8 2, else 1.
int32_t version_maximum(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  if (type == ElementType::kInt16) return 4;
  if (broadcasts_many_dims(graph, node)) return 3;
  return type == ElementType::kInt8 ? 2 : 1;
}

// ABS: int32 5, int16 4 or quantized 3, 8 bits 2, else 1.
int32_t version_abs(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.type == ElementType::kInt32) return 5;
  if (input.type == ElementType::kInt16) return input.quantization ? 3 : 4;
  return input.type == ElementType::kInt8 || input.type == ElementType::kUInt8 ? 2 : 1;
}

// EXP, LOG: 8 and 16 bits 2, else 1.
int32_t version_exp(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  return type == ElementType::kInt8 || type == ElementType::kInt16 ? 2 : 1;
}

// RSQRT: int16 3, int8 2, else 1.
int32_t version_rsqrt(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  return type == ElementType::kInt16 ? 3 : type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace burin
