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
    std::vector<ChainMatch> matches;
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
      matches.push_back(match);
    }
    for (size_t i = 0; i < chains.size(); ++i) fuse(chains[i], matches[i]);
    std::erase_if(plan_.steps, [](const PlannedStep& step) { return step.nodes.empty(); });
  }

 private:
  using Kind = PlannedTensor::Kind;

  // The steps that read a tensor, once for each time that they do; a graph output is one too.
  void find_readers() {
    readers_.resize(plan_.tensors.size());
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      for (const TensorId id : plan_.steps[i].inputs) {
        if (id != kNoId) readers_[id].push_back(i);
      }
    }
    for (const TensorId id : graph_.outputs) readers_[id].push_back(kNoStep);
  }

  // Those that follow a step in a chain: its only reader, or two where the second gates the first; else none.
  std::vector<size_t> followers(size_t index) const {
    if (plan_.steps[index].outputs.size() != 1) return {};
    const std::vector<size_t>& readers = readers_[plan_.steps[index].outputs[0]];
    if (std::ranges::any_of(readers, [&](size_t reader) { return reader == kNoStep || taken_[reader]; })) return {};
    if (readers.size() == 1) return readers;
    if (readers.size() != 2 || readers[0] == readers[1]) return {};
    const PlannedStep& function = plan_.steps[readers[0]];
    const bool gated = function.inputs.size() == 1 && function.outputs.size() == 1 &&
                       readers_[function.outputs[0]] == std::vector<size_t>{readers[1]};
    return gated ? readers : std::vector<size_t>();
  }

  std::vector<size_t> chain_from(size_t first) const {
    std::vector<size_t> chain{first};
    while (chain.size() < kMaxChainLinks) {
      const std::vector<size_t> next = followers(chain.back());
      if (next.empty()) break;
      chain.insert(chain.end(), next.begin(), next.end());
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
      links.push_back(make_link(step, operands.back().context(step, arithmetic_, nullptr),
                                links.empty() ? nullptr : &plan_.steps[chain[links.size() - 1]],
                                links.size() < 2 ? nullptr : &plan_.steps[chain[links.size() - 2]]));
    }
    const ChainMatch match = match_chain(links);
    // What a later link gates is still needed.
    return match.links < links.size() && links[match.links].gates ? ChainMatch() : match;
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

  void fuse(std::span<const size_t> chain, const ChainMatch& match) {
    PlannedStep fused;
    for (const size_t index : chain) {
      PlannedStep& step = plan_.steps[index];
      fused.nodes.push_back(step.nodes.front());
      if (!fused.links.empty()) plan_.tensors[fused.links.back().outputs[0]].kind = Kind::kFused;
      for (const TensorId id : step.inputs) {
        const bool between = id != kNoId && plan_.tensors[id].kind == Kind::kFused;
        fused.inputs.push_back(between ? kNoId : id);
      }
      fused.links.push_back(std::move(step));
      step = {};
    }
    const PlannedStep& last = fused.links.back();
    fused.row = last.row;
    fused.outputs = last.outputs;
    fused.prepare_chain = match.prepare;
    fused.chain_row = match.row;
    plan_.steps[chain.back()] = std::move(fused);
  }

  const Model& model_;
  const Graph& graph_;
  const ConcreteGraph& concrete_;
  Arithmetic arithmetic_;
  const std::vector<bool>& separate_;
  StepPlan& plan_;
  std::vector<std::vector<size_t>> readers_;  // by tensor
  std::vector<bool> taken_;
};

}  // namespace

void fuse_steps(const Model& model, const ConcreteGraph& concrete, Arithmetic arithmetic,
                const std::vector<bool>& separate, StepPlan& plan) {
  StepFuser(model, concrete, arithmetic, separate, plan).run();
}

}  // namespace burin::runtime
