// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_resize(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_resize_bilinear(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_resize_nearest_neighbor(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
