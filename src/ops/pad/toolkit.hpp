// What the toolkit operator table points to for this family.
#pragma once

#include "ops/toolkit_operator.hpp"

namespace burin {

OperatorQuantization quantization_pad(const Model& model, const Graph& graph, const Node& node);

}  // namespace burin
