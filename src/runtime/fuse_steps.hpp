// Chains of steps that one kernel evaluates become one step, so that what lies between them is never written to memory.
#pragma once

#include "runtime/plan_steps.hpp"

namespace burin::runtime {

// Where a fused step stands in the list: at the place of its last link, when all its inputs are there. `separate`:
// by node, whether it begins no chain.
void fuse_steps(const Model& model, const ConcreteGraph& concrete, Arithmetic arithmetic,
                const std::vector<bool>& separate, StepPlan& plan);

}  // namespace burin::runtime
