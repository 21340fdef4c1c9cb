#include "ops/reshape/toolkit.hpp"

namespace burin {

// uint32 4, int16 3, int8 2, else 1.
int32_t version_concatenation(const Graph& graph, const Node& node) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  if (type == ElementType::kUInt32) return 4;
  return type == ElementType::kInt16 ? 3 : type == ElementType::kInt8 ? 2 : 1;
}

int32_t version_pack(const Graph& graph, const Node& node) { return version_concatenation(graph, node); }

// uint32 6, more than four dimensions 5, int16 4, int8 2, else 1.
int32_t version_slice(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.type == ElementType::kUInt32) return 6;
  if (input.shape.rank() > 4) return 5;
  return input.type == ElementType::kInt16 ? 4 : input.type == ElementType::kInt8 ? 2 : 1;
}

// offset 8, uint32 7, ellipsis and new axes 6, more than four dimensions 4, bool 3, int8 2, else 1.
int32_t version_strided_slice(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  const auto& attributes = get<StridedSliceAttributes>(node.attributes);
  if (attributes.offset) return 8;
  if (input.type == ElementType::kUInt32) return 7;
  if (attributes.ellipsis_mask != 0 || attributes.new_axis_mask != 0) return 6;
  if (input.shape.rank() > 4) return 4;
  return input.type == ElementType::kBool ? 3 : input.type == ElementType::kInt8 ? 2 : 1;
}

// More than five dimensions 6, int16 5, five dimensions 4, bool 3, int8 2, else 1.
int32_t version_transpose(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.inputs[0]];
  if (input.shape.rank() > 5) return 6;
  if (input.type == ElementType::kInt16) return 5;
  if (input.shape.rank() > 4) return 4;
  return input.type == ElementType::kBool ? 3 : input.type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace burin
