// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_softmax(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_softmax(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
