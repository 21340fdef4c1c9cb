// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_fully_connected(const Model& model, const Graph& graph, const Node& node);
int64_t multiply_accumulates_fully_connected(const Graph& graph, const Node& node);
WrittenOptions write_fully_connected(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
