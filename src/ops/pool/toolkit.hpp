// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_pool(const Model& model, const Graph& graph, const Node& node);
int64_t multiply_accumulates_pool2d(const Graph& graph, const Node& node);
WrittenOptions write_pool2d(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
