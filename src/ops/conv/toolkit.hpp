// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_conv(const Model& model, const Graph& graph, const Node& node);
int64_t multiply_accumulates_conv2d(const Graph& graph, const Node& node);
int64_t multiply_accumulates_depthwise_conv2d(const Graph& graph, const Node& node);
WrittenOptions write_conv2d(flatbuffers::FlatBufferBuilder& builder, const Node& node);
WrittenOptions write_depthwise_conv2d(flatbuffers::FlatBufferBuilder& builder, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_conv2d(const Graph& graph, const Node& node);
int32_t version_depthwise_conv2d(const Graph& graph, const Node& node);

}  // namespace burin
