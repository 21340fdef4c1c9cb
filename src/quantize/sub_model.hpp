// A part of a model as a model of its own, with the part of the plan that speaks of it.
#pragma once

#include <span>
#include <vector>

#include "graph/model.hpp"
#include "quantize/plan.hpp"

namespace burin {

struct SubModel {
  Model model;
  QuantizationPlan plan;                 // planned inputs and outputs are int8
  std::vector<TensorId> inputs;          // of the whole model, in the order of the part's inputs
  std::vector<TensorId> tensor_in_part;  // by TensorId of the whole model; kNoId: not in it
  std::vector<NodeId> node_in_part;      // by NodeId of the whole model; kNoId: not in it
};

// What it takes to compute `outputs` when everything before node `first` has been computed. Tensors get `shapes`, the
// concrete ones of the whole model by TensorId.
SubModel extract(const Model& model, const QuantizationPlan& plan, NodeId first, std::span<const TensorId> outputs,
                 std::span<const Shape> shapes);

}  // namespace burin
