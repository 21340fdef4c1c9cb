// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_reduce(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_reduce(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
