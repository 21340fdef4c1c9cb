// Shape inference over a whole graph.
#pragma once

#include <vector>

#include "graph/model.hpp"
#include "ops/operator.hpp"

namespace burin {

// Types and shapes of every tensor of graph 0 for concrete input shapes; small integer tensors (shapes) are evaluated, so that
// SHAPE -> STRIDED_SLICE -> PACK -> RESHAPE works.
struct ConcreteGraph {
  std::vector<InferredTensor> tensors;                 // by TensorId
  std::vector<std::vector<std::byte>> known_values;    // by TensorId; empty: not known before running
};
Result<ConcreteGraph> infer_concrete(const Model& model, std::span<const Shape> input_shapes,
                                     std::span<const RuntimeOperator> source_operators = {});

// Fills type and shape of every tensor of graph 0: a dimension is free where it differs between two inferences
// with different sizes of the free input dimensions.
Status infer_shapes(Model& model, std::span<const RuntimeOperator> source_operators = {});

}  // namespace burin
