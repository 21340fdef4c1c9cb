// Shape inference over graph 0.
#pragma once

#include <vector>

#include "graph/model.hpp"
#include "ops/operator.hpp"

namespace burin {

// Types and shapes of every tensor for concrete input shapes; small integer tensors (shapes) are evaluated, so that
// SHAPE -> STRIDED_SLICE -> PACK -> RESHAPE works.
struct ConcreteGraph {
  std::vector<InferredTensor> tensors;               // by TensorId
  std::vector<std::vector<std::byte>> known_values;  // by TensorId; empty: a constant, or not known before running
};
// `model` must pass verify_structure(). Errors name the node; a tensor of more than 2^40 elements is kResourceLimit.
Result<ConcreteGraph> infer_concrete(const Model& model, std::span<const Shape> input_shapes,
                                     std::span<const RuntimeOperator> source_operators = {});

// The shapes of the inputs with `batch` for a free first dimension and `size` for every other free one.
std::vector<Shape> input_shapes(const Model& model, int32_t batch, int32_t size);

// Fills type and shape of every tensor: a dimension is free where it differs between two inferences with different
// sizes of the free input dimensions.
Status infer_shapes(Model& model, std::span<const RuntimeOperator> source_operators = {});

}  // namespace burin
