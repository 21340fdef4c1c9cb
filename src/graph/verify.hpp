// Checks every invariant of model.hpp, then each node by its operator's shape inference.
#pragma once

#include "graph/model.hpp"
#include "ops/operator.hpp"

namespace burin {

// The first violation found, with the origin of the node or tensor. `source_operators` gives the rows of source-only
// operators (toolkit: source_operator_table()); empty: kSource models are refused.
Status verify(const Model& model, std::span<const RuntimeOperator> source_operators = {});

// The part of verify() that does not need shapes of computed tensors: ids, producers, order, operands, attributes,
// constants, quantization parameters. What shape inference relies on.
Status verify_structure(const Model& model, std::span<const RuntimeOperator> source_operators = {});

// The row of an operator of either level; null: unknown to `source_operators`.
const RuntimeOperator* find_operator(Op op, std::span<const RuntimeOperator> source_operators);

}  // namespace burin
