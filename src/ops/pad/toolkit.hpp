// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_pad(const Model& model, const Graph& graph, const Node& node);

// The lowest operator version that has what the node asks for, as LiteRT counts them.
int32_t version_pad(const Graph& graph, const Node& node);

}  // namespace burin
