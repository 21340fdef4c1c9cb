// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_activation(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_gelu(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_leaky_relu(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_activation(const Graph& graph, const Node& node);
int32_t version_leaky_relu(const Graph& graph, const Node& node);
int32_t version_gelu(const Graph& graph, const Node& node);

}  // namespace burin
