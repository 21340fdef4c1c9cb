// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_fully_connected(const Model& model, const Graph& graph, const Node& node);
int64_t multiply_accumulates_fully_connected(const Graph& graph, const Node& node);
WrittenOptions write_fully_connected(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_fully_connected(const Graph& graph, const Node& node);

}  // namespace burin
