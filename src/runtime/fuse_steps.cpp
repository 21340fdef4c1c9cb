#include "runtime/fuse_steps.hpp"

#include <algorithm>

#include "graph/model.hpp"
#include "runtime/chain_table.hpp"
#include "runtime/step_operands.hpp"

namespace burin::runtime {

namespace {

constexpr size_t kNoStep = ~size_t{0};

class StepFuser {
 public:
  StepFuser(const Model& model, const ConcreteGraph& concrete, Arithmetic arithmetic, const std::vector<bool>& separate,
            StepPlan& plan)
      : model_(model),
        graph_(model.main()),
        concrete_(concrete),
        arithmetic_(arithmetic),
        separate_(separate),
        plan_(plan) {}

  void run() {
    find_readers();
    std::vector<std::vector<size_t>> chains;
    std::vector<PrepareChainFunction> prepare;
    taken_.resize(plan_.steps.size());
    for (size_t first = 0; first < plan_.steps.size(); ++first) {
      const PlannedStep& step = plan_.steps[first];
      if (taken_[first] || !begins_chain(step.row->op) || separate_[step.nodes.front()]) {
        continue;
      }
      std::vector<size_t> chain = chain_from(first);
      const ChainMatch match = match_links(chain);
      if (match.links == 0) continue;
      chain.resize(match.links);
      for (const size_t link : chain) taken_[link] = true;
      chains.push_back(std::move(chain));
      prepare.push_back(match.prepare);
    }
    for (size_t i = 0; i < chains.size(); ++i) fuse(chains[i], prepare[i]);
    std::erase_if(plan_.steps, [](const PlannedStep& step) { return step.nodes.empty(); });
  }

 private:
  using Kind = PlannedTensor::Kind;

  // The only step that reads a computed tensor, else kNoStep.
  void find_readers() {
    std::vector<int> uses(plan_.tensors.size());
    reader_.assign(plan_.tensors.size(), kNoStep);
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      for (const TensorId id : plan_.steps[i].inputs) {
        if (id == kNoId) continue;
        ++uses[id];
        reader_[id] = i;
      }
    }
    for (const TensorId id : graph_.outputs) ++uses[id];
    for (TensorId id = 0; id < uses.size(); ++id) {
      if (uses[id] != 1 || plan_.tensors[id].kind != Kind::kComputed) reader_[id] = kNoStep;
    }
  }

  std::vector<size_t> chain_from(size_t first) const {
    std::vector<size_t> chain{first};
    while (chain.size() < kMaxChainLinks && plan_.steps[chain.back()].outputs.size() == 1) {
      const size_t next = reader_[plan_.steps[chain.back()].outputs[0]];
      if (next == kNoStep || taken_[next]) break;
      chain.push_back(next);
    }
    return chain;
  }

  ChainMatch match_links(std::span<const size_t> chain) const {
    std::vector<StepOperands> operands;
    std::vector<ChainLink> links;
    operands.reserve(chain.size());
    for (const size_t index : chain) {
      const PlannedStep& step = plan_.steps[index];
      operands.emplace_back(
          step, [&](TensorId id) { return describe(id); }, [](TensorId) { return std::shared_ptr<const void>(); },
          [&](TensorId id) { return plan_.tensors[id].kind == Kind::kComputed ? PrepareContext::kNoConstant : 0u; });
      links.push_back({step.row->op, operands.back().context(step, arithmetic_, nullptr)});
      if (links.size() > 1) links.back().chained_input = chained_input(step, plan_.steps[chain[links.size() - 2]]);
    }
    return match_chain(links);
  }

  static size_t chained_input(const PlannedStep& step, const PlannedStep& before) {
    return static_cast<size_t>(std::ranges::find(step.inputs, before.outputs[0]) - step.inputs.begin());
  }

  TensorView describe(TensorId id) const {
    TensorView view{nullptr, plan_.tensors[id].shape.type, plan_.tensors[id].shape.shape};
    if (id >= graph_.tensors.size()) return view;
    if (graph_.tensors[id].quantization) view.quantization = &*graph_.tensors[id].quantization;
    if (plan_.tensors[id].kind == Kind::kKnown) view.data = concrete_.known_values[id].data();
    if (plan_.tensors[id].kind == Kind::kConstant) {
      view.data = model_.constant(graph_.tensors[id].constant).bytes.data();
    }
    return view;
  }

  void fuse(std::span<const size_t> chain, PrepareChainFunction prepare) {
    PlannedStep fused;
    for (const size_t index : chain) {
      PlannedStep& step = plan_.steps[index];
      fused.nodes.push_back(step.nodes.front());
      std::vector<TensorId> inputs = step.inputs;
      if (!fused.links.empty()) {
        const TensorId between = fused.links.back().outputs[0];
        inputs[chained_input(step, fused.links.back())] = kNoId;
        plan_.tensors[between].kind = Kind::kFused;
      }
      fused.inputs.insert(fused.inputs.end(), inputs.begin(), inputs.end());
      fused.links.push_back(std::move(step));
      step = {};
    }
    const PlannedStep& last = fused.links.back();
    fused.row = last.row;
    fused.outputs = last.outputs;
    fused.prepare_chain = prepare;
    plan_.steps[chain.back()] = std::move(fused);
  }

  const Model& model_;
  const Graph& graph_;
  const ConcreteGraph& concrete_;
  Arithmetic arithmetic_;
  const std::vector<bool>& separate_;
  StepPlan& plan_;
  std::vector<size_t> reader_;
  std::vector<bool> taken_;
};

}  // namespace

void fuse_steps(const Model& model, const ConcreteGraph& concrete, Arithmetic arithmetic,
                const std::vector<bool>& separate, StepPlan& plan) {
  StepFuser(model, concrete, arithmetic, separate, plan).run();
}

}  // namespace burin::runtime
