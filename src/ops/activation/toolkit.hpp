// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_activation(const Model& model, const Graph& graph, const Node& node);
WrittenOptions write_gelu(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_leaky_relu(flatbuffers::FlatBufferBuilder& builder, const Node& node);

}  // namespace burin
