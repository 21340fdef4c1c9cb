// From a verified model to the list of what runs: which nodes are constant, where an activation becomes a step of its
// own, which tensors share memory. Everything about sizes and lifetimes is decided here, before anything is allocated.
#pragma once

#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "graph/shapes.hpp"
#include "runtime/memory_plan.hpp"

namespace burin::runtime {

struct PlannedTensor {
  enum class Kind : uint8_t {
    kComputed,  // lives in the arena
    kConstant,  // of the model
    kKnown,     // evaluated by shape inference
    kFolded,    // the output of `folded_by`, whose inputs are all constant
  };
  Kind kind = Kind::kComputed;
  InferredTensor shape;
  NodeId folded_by = kNoId;
  uint32_t buffer = kNoId;  // of kComputed
  uint32_t uses = 0;        // by steps, folded nodes and graph outputs
};

struct PlannedStep {
  NodeId node = 0;
  const RuntimeOperator* row = nullptr;
  Attributes attributes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  bool before_activation = false;
  bool alias = false;  // output and input are one buffer and equal bytes
};

struct StepPlan {
  // Those of the graph, then the values before separated activations.
  std::vector<PlannedTensor> tensors;
  std::vector<PlannedStep> steps;
  std::vector<BufferLifetime> buffers;
};

StepPlan plan_steps(const Model& model, const ConcreteGraph& concrete, const ProgramOptions& options);

}  // namespace burin::runtime
