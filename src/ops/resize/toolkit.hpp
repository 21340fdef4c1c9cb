// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_resize(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_resize_bilinear(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_resize_nearest_neighbor(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_resize_bilinear(const Graph& graph, const Node& node);
int32_t version_resize_nearest_neighbor(const Graph& graph, const Node& node);

}  // namespace burin
