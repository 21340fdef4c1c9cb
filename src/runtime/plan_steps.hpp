// From a verified model to the list of what runs: which nodes are constant, where an activation becomes a step of its
// own, which nodes are one step, which tensors share memory. Everything about sizes and lifetimes is decided here,
// before anything is allocated.
#pragma once

#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "graph/shapes.hpp"
#include "runtime/kernel.hpp"
#include "runtime/memory_plan.hpp"

namespace burin::runtime {

struct PlannedTensor {
  enum class Kind : uint8_t {
    kComputed,  // lives in the arena
    kConstant,  // of the model
    kKnown,     // evaluated by shape inference
    kFolded,    // the output of `folded_by`, whose inputs are all constant
    kFused,     // between the links of a fused step: nowhere
  };
  Kind kind = Kind::kComputed;
  InferredTensor shape;
  NodeId folded_by = kNoId;
  uint32_t buffer = kNoId;  // of kComputed
  uint32_t uses = 0;        // by steps, folded nodes and graph outputs
};

// One node, or a chain of nodes that one kernel evaluates.
struct PlannedStep {
  std::vector<NodeId> nodes;
  const RuntimeOperator* row = nullptr;
  Attributes attributes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  bool before_activation = false;
  bool alias = false;  // output and input are one buffer and equal bytes
  // Of a chain: its nodes as steps. Then the inputs above are those of all links, in place of chained ones kNoId, and
  // the row is the last link's.
  std::vector<PlannedStep> links;
  PrepareChainFunction prepare_chain = nullptr;
  const char* chain_row = "";  // its name in the table
};

struct StepPlan {
  // Those of the graph, then the values before separated activations.
  std::vector<PlannedTensor> tensors;
  std::vector<PlannedStep> steps;
  std::vector<BufferLifetime> buffers;
};

// `separate`: by node, whether it begins no chain.
StepPlan plan_steps(const Model& model, const ConcreteGraph& concrete, const ProgramOptions& options,
                    const std::vector<bool>& separate);

}  // namespace burin::runtime
