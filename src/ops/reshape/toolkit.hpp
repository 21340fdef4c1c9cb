// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_reshape(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_concatenation(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_pack(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_reshape(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_shape(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_squeeze(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_strided_slice(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_concatenation(const Graph& graph, const Node& node);
int32_t version_pack(const Graph& graph, const Node& node);
int32_t version_slice(const Graph& graph, const Node& node);
int32_t version_strided_slice(const Graph& graph, const Node& node);
int32_t version_transpose(const Graph& graph, const Node& node);

}  // namespace burin
