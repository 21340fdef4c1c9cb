#include "runtime/plan_steps.hpp"

#include <algorithm>

#include "graph/verify.hpp"
#include "runtime/fuse_steps.hpp"

namespace burin::runtime {

namespace {

// Constants that are computed may have this many times the bytes of those of the file, and some more: int4 weights
// become floats, and are transposed. What would be larger is computed when the model runs.
constexpr int64_t kFoldedPerConstantByte = 16;
constexpr int64_t kFoldedBesides = int64_t{64} << 20;

Op activation_operator(FusedActivation activation) {
  switch (activation) {
    case FusedActivation::kRelu6:
      return Op::kRelu6;
    case FusedActivation::kReluN1To1:
      return Op::kReluN1To1;
    case FusedActivation::kRelu:
    case FusedActivation::kNone:
      break;
  }
  return Op::kRelu;
}

// The output has the input's bytes under another shape.
bool only_reshapes(Op op) {
  return op == Op::kReshape || op == Op::kSqueeze || op == Op::kExpandDims || op == Op::kIdentity;
}

// Element i of the output depends on element i of an input of the same shape (and on nothing else of it), so that it
// may be written over it.
bool is_elementwise(Op op) {
  switch (op) {
    case Op::kAbs:
    case Op::kAdd:
    case Op::kBatchNormalization:
    case Op::kCeil:
    case Op::kDiv:
    case Op::kElu:
    case Op::kExp:
    case Op::kGelu:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kLog:
    case Op::kLogistic:
    case Op::kMaximum:
    case Op::kMinimum:
    case Op::kMul:
    case Op::kNeg:
    case Op::kPrelu:
    case Op::kRelu:
    case Op::kRelu6:
    case Op::kReluN1To1:
    case Op::kRescaling:
    case Op::kRsqrt:
    case Op::kSqrt:
    case Op::kSquare:
    case Op::kSub:
    case Op::kTanh:
      return true;
    default:
      return false;
  }
}

class StepPlanner {
 public:
  StepPlanner(const Model& model, const ConcreteGraph& concrete, const ProgramOptions& options,
              const std::vector<bool>& separate)
      : model_(model), graph_(model.main()), concrete_(concrete), options_(options), separate_(separate) {}

  StepPlan run() {
    add_tensors();
    may_fold_ = kFoldedBesides;
    for (ConstantId id = 0; id < model_.constant_count(); ++id) {
      may_fold_ += kFoldedPerConstantByte * static_cast<int64_t>(model_.constant(id).bytes.size());
    }
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) add_node(id);
    if (!options_.separate_steps && !options_.reference_kernels) {
      fuse_steps(model_, concrete_, options_.arithmetic, separate_, plan_);
    }
    count_uses();
    share_buffers();
    return std::move(plan_);
  }

 private:
  using Kind = PlannedTensor::Kind;

  // A set of computed tensors that share memory.
  struct Buffer {
    BufferLifetime lifetime;
    uint32_t parent = 0;  // the buffer that this one was merged into, or itself
    bool holds_input = false;
    bool holds_output = false;
  };

  void add_tensors() {
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      PlannedTensor tensor;
      tensor.shape = concrete_.tensors[id];
      if (graph_.tensors[id].constant != kNoId) {
        tensor.kind = Kind::kConstant;
      } else if (!concrete_.known_values[id].empty()) {
        tensor.kind = Kind::kKnown;
      }
      plan_.tensors.push_back(tensor);
    }
  }

  int64_t bytes(TensorId id) const { return byte_size(plan_.tensors[id].shape.type, plan_.tensors[id].shape.shape); }

  bool is_constant(const Node& node) const {
    return std::ranges::all_of(node.inputs,
                               [&](TensorId id) { return id == kNoId || plan_.tensors[id].kind != Kind::kComputed; });
  }

  void add_node(NodeId id) {
    const Node& node = graph_.nodes[id];
    PlannedTensor& output = plan_.tensors[node.outputs[0]];
    if (output.kind == Kind::kKnown) return;
    if (is_constant(node) && bytes(node.outputs[0]) <= may_fold_) {
      may_fold_ -= bytes(node.outputs[0]);
      output.kind = Kind::kFolded;
      output.folded_by = id;
      return;
    }
    PlannedStep step;
    step.nodes = {id};
    step.row = find_operator(node.op, options_.source_operators);
    step.attributes = node.attributes;
    step.inputs = node.inputs;
    step.outputs = node.outputs;
    FusedActivation* activation = fused_activation(step.attributes);
    if (!options_.separate_steps || activation == nullptr || *activation == FusedActivation::kNone ||
        output.shape.type != ElementType::kFloat32) {
      plan_.steps.push_back(std::move(step));
      return;
    }
    PlannedStep after;
    after.nodes = {id};
    after.row = &runtime_operator(activation_operator(*activation));
    after.inputs = {static_cast<TensorId>(plan_.tensors.size())};
    after.outputs = node.outputs;
    *activation = FusedActivation::kNone;
    step.before_activation = true;
    step.outputs = after.inputs;
    PlannedTensor before;
    before.shape = output.shape;
    plan_.tensors.push_back(before);
    plan_.steps.push_back(std::move(step));
    plan_.steps.push_back(std::move(after));
  }

  void count_uses() {
    const auto use = [&](std::span<const TensorId> inputs) {
      for (const TensorId id : inputs) {
        if (id != kNoId) ++plan_.tensors[id].uses;
      }
    };
    use(graph_.outputs);
    for (const PlannedStep& step : plan_.steps) use(step.inputs);
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      if (plan_.tensors[id].kind == Kind::kFolded) use(graph_.nodes[plan_.tensors[id].folded_by].inputs);
    }
  }

  bool is_computed(TensorId id) const { return id != kNoId && plan_.tensors[id].kind == Kind::kComputed; }

  void share_buffers() {
    create_buffers();
    // First what costs nothing, since it prolongs lifetimes; then what dies where its successor is made.
    for (PlannedStep& step : plan_.steps) {
      if (!only_reshapes(step.row->op) || !may_merge(step.inputs[0], step.outputs[0])) continue;
      step.alias = true;
      merge(step.inputs[0], step.outputs[0]);
    }
    for (uint32_t i = 0; i < plan_.steps.size(); ++i) work_in_place(plan_.steps[i], i + 1);
    // Dense ids for those that are left.
    std::vector<uint32_t> ids(buffers_.size(), kNoId);
    for (PlannedTensor& tensor : plan_.tensors) {
      if (tensor.kind != Kind::kComputed || tensor.buffer == kNoId) continue;
      const uint32_t buffer = root(tensor.buffer);
      if (ids[buffer] == kNoId) {
        ids[buffer] = static_cast<uint32_t>(plan_.buffers.size());
        plan_.buffers.push_back(buffers_[buffer].lifetime);
      }
      tensor.buffer = ids[buffer];
    }
  }

  // Moments: 0 is before the first step, step i runs at i + 1, the last is when the outputs are read. Outputs live
  // from the beginning, so that writing the inputs of the next run leaves them alone.
  void create_buffers() {
    const auto end = static_cast<uint32_t>(plan_.steps.size() + 1);
    for (const TensorId id : graph_.inputs) create_buffer(id, 0);
    for (Buffer& buffer : buffers_) buffer.holds_input = true;
    for (uint32_t i = 0; i < plan_.steps.size(); ++i) {
      for (const TensorId id : plan_.steps[i].outputs) create_buffer(id, i + 1);
      for (const TensorId id : plan_.steps[i].inputs) {
        if (is_computed(id)) buffers_[plan_.tensors[id].buffer].lifetime.last = i + 1;
      }
    }
    for (const TensorId id : graph_.outputs) {
      if (!is_computed(id)) continue;
      Buffer& buffer = buffers_[plan_.tensors[id].buffer];
      buffer.holds_output = true;
      buffer.lifetime.first = 0;
      buffer.lifetime.last = end;
    }
  }

  void create_buffer(TensorId id, uint32_t moment) {
    plan_.tensors[id].buffer = static_cast<uint32_t>(buffers_.size());
    buffers_.push_back({.lifetime = {static_cast<uint64_t>(bytes(id)), moment, moment},
                        .parent = static_cast<uint32_t>(buffers_.size())});
  }

  uint32_t root(uint32_t buffer) {
    while (buffers_[buffer].parent != buffer) {
      buffers_[buffer].parent = buffers_[buffers_[buffer].parent].parent;
      buffer = buffers_[buffer].parent;
    }
    return buffer;
  }

  Buffer& buffer_of(TensorId id) { return buffers_[root(plan_.tensors[id].buffer)]; }

  // A graph input that shared memory with an output would overwrite it when the next input is written.
  bool may_merge(TensorId input, TensorId output) {
    if (!is_computed(input) || bytes(input) != bytes(output)) return false;
    const Buffer& a = buffer_of(input);
    const Buffer& b = buffer_of(output);
    return &a != &b && !(a.holds_input && b.holds_output);
  }

  void merge(TensorId input, TensorId output) {
    const uint32_t into = root(plan_.tensors[input].buffer);
    Buffer& from = buffer_of(output);
    Buffer& target = buffers_[into];
    target.lifetime.first = std::min(target.lifetime.first, from.lifetime.first);
    target.lifetime.last = std::max(target.lifetime.last, from.lifetime.last);
    target.holds_output |= from.holds_output;
    from.parent = into;
  }

  void work_in_place(const PlannedStep& step, uint32_t moment) {
    if (!is_elementwise(step.row->op) || !step.links.empty()) return;
    const InferredTensor& output = plan_.tensors[step.outputs[0]].shape;
    for (const TensorId id : step.inputs) {
      if (!may_merge(id, step.outputs[0]) || buffer_of(id).lifetime.last != moment) continue;
      const InferredTensor& input = plan_.tensors[id].shape;
      if (input.type == output.type && input.shape == output.shape) return merge(id, step.outputs[0]);
    }
  }

  const Model& model_;
  const Graph& graph_;
  const ConcreteGraph& concrete_;
  const ProgramOptions& options_;
  const std::vector<bool>& separate_;
  StepPlan plan_;
  int64_t may_fold_ = 0;  // bytes of constants that may still be computed
  std::vector<Buffer> buffers_;
};

}  // namespace

StepPlan plan_steps(const Model& model, const ConcreteGraph& concrete, const ProgramOptions& options,
                    const std::vector<bool>& separate) {
  return StepPlanner(model, concrete, options, separate).run();
}

}  // namespace burin::runtime
