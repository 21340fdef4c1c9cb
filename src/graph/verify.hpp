// Checks every invariant of model.hpp, then each node by its operator's shape inference.
#pragma once

#include "graph/model.hpp"

namespace burin {

// The first violation found, with the origin of the node or tensor. `operators` gives the rows of source-only
// operators (toolkit: source_operator_table()); empty: kSource models are refused.
Status verify(const Model& model, std::span<const RuntimeOperator> source_operators = {});

}  // namespace burin
