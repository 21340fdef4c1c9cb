// The operands of a planned step in the form in which kernels are shown them.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "runtime/kernel.hpp"
#include "runtime/plan_steps.hpp"

namespace burin::runtime {

// What PrepareContext views: it must outlive the contexts.
class StepOperands {
 public:
  // `describe(id)`: a TensorView of a tensor, with the data of constants that is known.
  // `owner(id)`: who owns that data. `constant(id)`: the key of a tensor that is not computed.
  template <typename Describe, typename Owner, typename ConstantKey>
  StepOperands(const PlannedStep& step, Describe&& describe, Owner&& owner, ConstantKey&& constant) {
    const size_t count = step.inputs.size();
    inputs_.resize(count);
    has_input_ = std::make_unique<bool[]>(count);
    owners_.resize(count);
    constants_.resize(count, PrepareContext::kNoConstant);
    for (size_t i = 0; i < count; ++i) {
      const TensorId id = step.inputs[i];
      has_input_[i] = id != kNoId;
      if (id == kNoId) continue;
      inputs_[i] = describe(id);
      owners_[i] = owner(id);
      constants_[i] = constant(id);
    }
    for (const TensorId id : step.outputs) {
      const TensorView view = describe(id);
      outputs_.push_back({nullptr, view.type, view.shape, view.quantization});
    }
  }

  PrepareContext context(const PlannedStep& step, Arithmetic arithmetic, WeightMemory* weights) const {
    return {.inputs = inputs_,
            .has_input = std::span(has_input_.get(), inputs_.size()),
            .outputs = outputs_,
            .attributes = step.attributes,
            .arithmetic = arithmetic,
            .input_owners = owners_,
            .input_constants = constants_,
            .weight_memory = weights};
  }

 private:
  std::vector<TensorView> inputs_;
  std::unique_ptr<bool[]> has_input_;
  std::vector<MutableTensorView> outputs_;
  std::vector<std::shared_ptr<const void>> owners_;
  std::vector<uint32_t> constants_;
};

// A link behind `before` and `before_that`, null where it has none.
inline ChainLink make_link(const PlannedStep& step, const PrepareContext& context, const PlannedStep* before,
                           const PlannedStep* before_that) {
  ChainLink link{step.row->op, context};
  if (before == nullptr) return link;
  link.chained_input = static_cast<size_t>(std::ranges::find(step.inputs, before->outputs[0]) - step.inputs.begin());
  link.gates = before_that != nullptr && step.inputs.size() == 2 &&
               step.inputs[1 - link.chained_input] == before_that->outputs[0];
  return link;
}

}  // namespace burin::runtime
