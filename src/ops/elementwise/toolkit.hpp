// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_elementwise(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_arithmetic(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_add(const Graph& graph, const Node& node);
int32_t version_sub(const Graph& graph, const Node& node);
int32_t version_mul(const Graph& graph, const Node& node);
int32_t version_div(const Graph& graph, const Node& node);
int32_t version_maximum(const Graph& graph, const Node& node);
int32_t version_abs(const Graph& graph, const Node& node);
int32_t version_exp(const Graph& graph, const Node& node);
int32_t version_rsqrt(const Graph& graph, const Node& node);

}  // namespace burin
