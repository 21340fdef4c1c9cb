#include <algorithm>
#include <array>
#include <new>

#include "formats/file/mapped_file.hpp"
#include "graph/verify.hpp"
#include "ops/check_codes.hpp"
#include "ops/selection.hpp"
#include "runtime/cpu_features.hpp"
#include "runtime/kernel_table.hpp"
#include "runtime/plan_steps.hpp"
#include "runtime/program_state.hpp"
#include "runtime/shared_kernels.hpp"
#include "runtime/step_operands.hpp"

namespace burin {

namespace runtime {

namespace {

constexpr uint64_t kMaxArenaBytes = std::min<uint64_t>(uint64_t{16} << 30, SIZE_MAX / 2);

// Then nothing is fused.
constexpr int kMaxRefusals = 8;

// The bytes of a constant, and who owns them.
struct Values {
  const std::byte* data = nullptr;
  std::shared_ptr<const void> owner;
};

// Uninitialized; never empty, since a null pointer means "left out". Null: the system has no more memory.
std::shared_ptr<std::byte[]> allocate(size_t bytes) {
  // What is large is given back to the system as soon as it has been packed, not kept by malloc.
  constexpr size_t kLarge = 64 * 1024;
  if (bytes >= kLarge) {
    auto memory = std::make_shared<WeightMemory>(0);
    std::byte* values = memory->allocate(bytes);
    if (values != nullptr) return std::shared_ptr<std::byte[]>(std::move(memory), values);
  }
  return std::shared_ptr<std::byte[]>(new (std::nothrow) std::byte[std::max<size_t>(bytes, 1)]);
}

Values copy(std::span<const std::byte> bytes) {
  const std::shared_ptr<std::byte[]> owner = allocate(bytes.size());
  std::ranges::copy(bytes, owner.get());
  return {owner.get(), owner};
}

class ProgramMaker {
 public:
  ProgramMaker(const Model& model, const ProgramOptions& options, const MappedFile* file, ProgramState& state)
      : model_(model), graph_(model.main()), options_(options), file_(file), state_(&state) {}

  Status run() {
    const std::vector<Shape> shapes =
        options_.input_shapes.empty() ? input_shapes(model_, 1, 1) : options_.input_shapes;
    Result<ConcreteGraph> concrete = infer_concrete(model_, shapes, options_.source_operators);
    if (!concrete.is_ok()) return concrete.status();
    // Chains whose kernels refuse them are evaluated link by link: rare, so that all starts again.
    std::vector<bool> separate(graph_.nodes.size());
    for (int refusals = 0;; ++refusals) {
      refused_chain_ = kNoId;
      const Status status = make(concrete.value(), separate);
      if (!status.is_ok()) return status;
      if (refused_chain_ == kNoId) break;
      separate[refused_chain_] = true;
      if (refusals == kMaxRefusals) separate.assign(separate.size(), true);
    }
    return {};
  }

 private:
  using Kind = PlannedTensor::Kind;

  // Everything, with no chain that begins at a node of `separate`; stops where a chain is refused.
  Status make(const ConcreteGraph& concrete, const std::vector<bool>& separate) {
    ProgramSource source = std::move(state_->source);
    *state_ = {};
    state_->source = std::move(source);
    plan_ = plan_steps(model_, concrete, options_, separate);
    const MemoryPlan memory = plan_memory(plan_.buffers);
    if (memory.arena_bytes > kMaxArenaBytes) {
      return Status(StatusCode::kResourceLimit,
                    "the tensors of this model need " + std::to_string(memory.arena_bytes >> 20) +
                        " MiB of memory, at most " + std::to_string(kMaxArenaBytes >> 20) + " MiB are allowed",
                    "use smaller inputs or a smaller batch");
    }
    state_->arena_bytes = static_cast<size_t>(memory.arena_bytes);
    state_->arithmetic = options_.arithmetic;
    state_->options = options_;
    offsets_.assign(memory.offsets.begin(), memory.offsets.end());
    describe_tensors(concrete);
    if (const Status status = check_quantizations(); !status.is_ok()) return status;
    state_->weights = std::make_unique<WeightMemory>(weight_bytes());
    kernels_ = {};
    for (const PlannedStep& step : plan_.steps) {
      if (const Status status = add_step(step); !status.is_ok())
        return status.at(place_of(model_, graph_, graph_.nodes[step.nodes.back()]));
      if (refused_chain_ != kNoId) return {};
    }
    if (const Status status = add_ends(); !status.is_ok()) return status;
    add_signatures();
    return {};
  }

  void describe_tensors(const ConcreteGraph& concrete) {
    values_.assign(plan_.tensors.size(), {});
    state_->quantizations.resize(graph_.tensors.size());
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      if (plan_.tensors[id].kind == Kind::kComputed) keep_quantization(id);
      if (plan_.tensors[id].kind == Kind::kKnown) values_[id] = copy(concrete.known_values[id]);
    }
  }

  // Parameters that are needed after the model is gone.
  void keep_quantization(TensorId id) {
    if (id < graph_.tensors.size() && graph_.tensors[id].quantization)
      state_->quantizations[id] = *graph_.tensors[id].quantization;
  }

  // Without data.
  TensorView describe(TensorId id) const {
    TensorView view{nullptr, plan_.tensors[id].shape.type, plan_.tensors[id].shape.shape};
    if (id < graph_.tensors.size() && graph_.tensors[id].quantization) {
      const Quantization& kept = state_->quantizations[id];
      view.quantization = kept.scales.empty() ? &*graph_.tensors[id].quantization : &kept;
    }
    return view;
  }

  Status check_quantizations() const {
    for (const Node& node : graph_.nodes) {
      std::vector<TensorView> inputs(node.inputs.size());
      for (size_t i = 0; i < inputs.size(); ++i) {
        if (node.inputs[i] != kNoId) inputs[i] = describe(node.inputs[i]);
      }
      const RuntimeOperator& row = *find_operator(node.op, options_.source_operators);
      const Status status = check_codes(row, inputs, describe(node.outputs[0]));
      if (!status.is_ok()) {
        return Status(status.code(), place_of(model_, graph_, node) + ": " + status.message(),
                      "quantize the model again: its parameters do not fit its operators");
      }
    }
    return {};
  }

  // The values of a tensor that is not computed. Folds what it is made of, and what that is made of.
  Status resolve(TensorId id) {
    std::vector<TensorId> missing{id};
    while (!missing.empty()) {
      const TensorId wanted = missing.back();
      const PlannedTensor& tensor = plan_.tensors[wanted];
      if (values_[wanted].data == nullptr && tensor.kind == Kind::kConstant) {
        const Constant& constant = model_.constant(graph_.tensors[wanted].constant);
        values_[wanted] = constant.bytes.empty() ? copy({}) : Values{constant.bytes.data(), constant.keep_alive};
      }
      if (values_[wanted].data != nullptr) {
        missing.pop_back();
        continue;
      }
      const Node& node = graph_.nodes[tensor.folded_by];
      for (const TensorId input : node.inputs) {
        if (input != kNoId && values_[input].data == nullptr) missing.push_back(input);
      }
      if (missing.back() != wanted) continue;
      if (const Status status = fold(node); !status.is_ok()) return status.at(place_of(model_, graph_, node));
    }
    return {};
  }

  // Called once per use; the last one gives the memory back unless a step keeps it.
  void release(std::span<const TensorId> inputs) {
    for (const TensorId id : inputs) {
      if (id == kNoId || plan_.tensors[id].kind == Kind::kComputed || --plan_.tensors[id].uses > 0) continue;
      if (plan_.tensors[id].kind == Kind::kConstant) drop_pages(model_.constant(graph_.tensors[id].constant).bytes);
      values_[id] = {};
    }
  }

  // Steps that still view these bytes have them read again.
  void drop_pages(std::span<const std::byte> bytes) const {
    constexpr size_t kWorthACall = 4 * 1024;
    if (file_ != nullptr && bytes.size() >= kWorthACall) file_->drop_pages(bytes);
  }

  // Data that the reference evaluation may read: aligned for its type.
  TensorView aligned_constant(TensorId id) {
    TensorView view = describe(id);
    const auto alignment = static_cast<uintptr_t>(std::max(bit_width(view.type) / 8, 1));
    if (reinterpret_cast<uintptr_t>(values_[id].data) % alignment != 0) {
      values_[id] = copy({values_[id].data, static_cast<size_t>(byte_size(view.type, view.shape))});
    }
    view.data = values_[id].data;
    return view;
  }

  Status fold(const Node& node) {
    std::vector<TensorView> inputs(node.inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (node.inputs[i] != kNoId) inputs[i] = aligned_constant(node.inputs[i]);
    }
    const TensorId id = node.outputs[0];
    const TensorView description = describe(id);
    const auto bytes = static_cast<size_t>(byte_size(description.type, description.shape));
    const std::shared_ptr<std::byte[]> owner = allocate(bytes);
    if (owner == nullptr) {
      return Status(StatusCode::kResourceLimit,
                    "no memory for a constant of " + std::to_string(bytes >> 20) + " MiB that is computed");
    }
    const MutableTensorView output{owner.get(), description.type, description.shape, description.quantization};
    const RuntimeOperator& row = *find_operator(node.op, options_.source_operators);
    const Status status =
        bytes == 0 ? Status() : row.evaluate({inputs, std::span(&output, 1), node.attributes, options_.arithmetic});
    if (!status.is_ok()) return status;
    values_[id] = {owner.get(), owner};
    release(node.inputs);
    return {};
  }

  Status add_step(const PlannedStep& planned) {
    Step step;
    step.nodes = planned.nodes;
    step.before_activation = planned.before_activation;
    step.origin = origin_of(graph_, graph_.nodes[planned.nodes.back()]);
    for (const NodeId id : planned.nodes) {
      const RuntimeOperator* row = find_operator(graph_.nodes[id].op, options_.source_operators);
      step.operator_name += step.operator_name.empty() ? "" : "+";
      step.operator_name += planned.links.empty() ? planned.row->name : row->name;
    }
    for (const TensorId id : planned.inputs) {
      if (id == kNoId || plan_.tensors[id].kind == Kind::kComputed) continue;
      if (const Status status = resolve(id); !status.is_ok()) return status;
    }
    if (planned.alias) {
      step.kernel_name = "alias";
      step.selection = kNoKernel;
    } else {
      if (!options_.reference_kernels) {
        Result<SharedKernels::Kernel> resolved = prepare(planned);
        if (!resolved.is_ok()) return resolved.status();
        if (!planned.links.empty() && resolved.value().kernel == nullptr) {
          refused_chain_ = planned.nodes.front();
          return {};
        }
        step.kernel = resolved.value().kernel;
        step.selection = resolved.value().row;
      }
      if (step.kernel != nullptr) {
        step.kernel_name = step.kernel->name();
      } else {
        if (planned.row->evaluate == evaluate_left_out) return left_out(planned.row->name);
        step.kernel_name = "reference";
        step.selection = kReferenceKernel;
        step.evaluate = planned.row->evaluate;
        step.attributes = planned.attributes;
      }
    }
    step.first_input = state_->step_inputs.size();
    step.input_count = planned.inputs.size();
    const bool reads_constants = step.kernel != nullptr ? step.kernel->reads_constants() : step.evaluate != nullptr;
    for (const TensorId id : planned.inputs) state_->step_inputs.push_back(operand(id, reads_constants));
    step.first_output = state_->step_outputs.size();
    step.output_count = planned.outputs.size();
    for (const TensorId id : planned.outputs) state_->step_outputs.push_back(operand(id, false));
    release(planned.inputs);
    state_->steps.push_back(std::move(step));
    return {};
  }

  StepOperands operands_of(const PlannedStep& planned) const {
    return StepOperands(
        planned,
        [&](TensorId id) {
          TensorView view = describe(id);
          view.data = values_[id].data;
          return view;
        },
        [&](TensorId id) { return values_[id].owner; },
        // Equal constants of the model are one; folded ones are told apart by their tensor.
        [&](TensorId id) {
          const PlannedTensor& tensor = plan_.tensors[id];
          if (tensor.kind == Kind::kComputed || tensor.kind == Kind::kFused) return PrepareContext::kNoConstant;
          return tensor.kind == Kind::kConstant ? graph_.tensors[id].constant
                                                : static_cast<uint32_t>(model_.constant_count()) + id;
        });
  }

  // The kernel of a step or of a chain of them.
  Result<SharedKernels::Kernel> prepare(const PlannedStep& planned) {
    const std::span<const PlannedStep> links =
        planned.links.empty() ? std::span(&planned, 1) : std::span<const PlannedStep>(planned.links);
    std::vector<StepOperands> operands;
    std::vector<ChainLink> chain;
    operands.reserve(links.size());
    size_t first_input = 0;
    for (const PlannedStep& link : links) {
      operands.push_back(operands_of(link));
      const size_t place = chain.size();
      chain.push_back(make_link(link, operands.back().context(link, options_.arithmetic, state_->weights.get()),
                                place < 1 ? nullptr : &links[place - 1], place < 2 ? nullptr : &links[place - 2]));
      chain.back().first_input = first_input;
      first_input += link.inputs.size();
    }
    if (const SharedKernels::Kernel* same = kernels_.find(chain)) return *same;
    ResolvedKernel resolved;
    if (planned.links.empty()) {
      Result<ResolvedKernel> kernel = prepare_kernel(*planned.row, chain.front().context);
      if (!kernel.is_ok()) return kernel.status();
      resolved = std::move(kernel.value());
    } else {
      PreparedResult kernel = planned.prepare_chain(chain, instruction_set());
      if (!kernel.is_ok()) return kernel.status();
      resolved = {std::move(kernel.value()), planned.chain_row};
    }
    if (resolved.kernel != nullptr) state_->packed_bytes += resolved.kernel->packed_bytes();
    return kernels_.add(chain, {std::move(resolved.kernel), resolved.row});
  }

  // Of the weights that kernels will pack, each once.
  size_t weight_bytes() const {
    std::vector<bool> counted(plan_.tensors.size());
    size_t bytes = 0;
    const auto count = [&](const PlannedStep& step) {
      constexpr Op kWeighted[] = {Op::kConv2d, Op::kDepthwiseConv2d, Op::kFullyConnected};
      if (std::ranges::find(kWeighted, step.row->op) == std::end(kWeighted) || step.inputs.size() < 2) return;
      const TensorId id = step.inputs[1];
      if (id == kNoId || plan_.tensors[id].kind == Kind::kComputed || counted[id]) return;
      counted[id] = true;
      bytes += static_cast<size_t>(byte_size(plan_.tensors[id].shape.type, plan_.tensors[id].shape.shape));
    };
    for (const PlannedStep& step : plan_.steps) {
      if (step.links.empty()) count(step);
      for (const PlannedStep& link : step.links) count(link);
    }
    return bytes;
  }

  // `keep`: the step reads constants when it runs.
  Operand operand(TensorId id, bool keep) {
    if (id == kNoId) return {};
    if (keep) keep_quantization(id);
    Operand operand{describe(id)};
    if (!keep && plan_.tensors[id].kind != Kind::kComputed) operand.view.quantization = nullptr;
    if (plan_.tensors[id].kind == Kind::kComputed) {
      operand.offset = offsets_[plan_.tensors[id].buffer];
    } else if (keep) {
      operand.view = aligned_constant(id);
      state_->kept_constants.push_back(values_[id].owner);
    }
    return operand;
  }

  Status add_ends() {
    for (const TensorId id : graph_.inputs) {
      state_->inputs.push_back(operand(id, false));
      state_->input_infos.push_back(info(id));
    }
    for (const TensorId id : graph_.outputs) {
      if (plan_.tensors[id].kind != Kind::kComputed) {
        if (const Status status = resolve(id); !status.is_ok()) return status;
      }
      state_->outputs.push_back(operand(id, true));
      state_->output_infos.push_back(info(id));
    }
    return {};
  }

  TensorInfo info(TensorId id) const {
    const TensorView view = describe(id);
    return {graph_.tensors[id].name, view.type, view.shape, view.quantization};
  }

  // Those of the main graph; where there is none, one that goes by the names of the tensors.
  void add_signatures() {
    for (const Signature& signature : model_.signatures) {
      if (signature.graph != 0) {
        state_->other_signatures.push_back(signature.key);
        continue;
      }
      state_->signatures.push_back({signature.key, names(graph_.inputs, signature.inputs, state_->input_infos),
                                    names(graph_.outputs, signature.outputs, state_->output_infos)});
    }
    if (state_->signatures.empty()) {
      state_->signatures.push_back({Signature().key, names(graph_.inputs, {}, state_->input_infos),
                                    names(graph_.outputs, {}, state_->output_infos)});
    }
    const SignatureInfo& main = state_->signatures.front();
    for (size_t i = 0; i < main.inputs.size(); ++i) state_->input_infos[i].name = main.inputs[i];
    for (size_t i = 0; i < main.outputs.size(); ++i) state_->output_infos[i].name = main.outputs[i];
  }

  // Of each tensor: its entry, in its own place where a tensor has several, else the name it has.
  static std::vector<std::string> names(const std::vector<TensorId>& tensors,
                                        const std::vector<Signature::Entry>& entries,
                                        const std::vector<TensorInfo>& infos) {
    std::vector<std::string> names;
    for (size_t i = 0; i < tensors.size(); ++i) {
      auto entry = std::ranges::find(entries, tensors[i], &Signature::Entry::tensor);
      if (i < entries.size() && entries[i].tensor == tensors[i]) entry = entries.begin() + static_cast<ptrdiff_t>(i);
      names.push_back(entry != entries.end() ? entry->name : infos[i].name);
    }
    return names;
  }

  const Model& model_;
  const Graph& graph_;
  const ProgramOptions& options_;
  const MappedFile* file_;
  StepPlan plan_;
  std::vector<size_t> offsets_;   // by buffer
  std::vector<Values> values_;    // by tensor; of those that are not computed, while they are needed
  NodeId refused_chain_ = kNoId;  // its first node
  SharedKernels kernels_;
  ProgramState* state_;
};

}  // namespace

Status plan_program(const Model& model, const ProgramOptions& options, const MappedFile* file, ProgramState& state) {
  if (Status status = check_forced_instruction_set(); !status.is_ok()) return status;
  return ProgramMaker(model, options, file, state).run();
}

size_t ProgramState::scratch_bytes(int threads) const {
  size_t bytes = 0;
  for (const Step& step : steps) {
    if (step.kernel != nullptr) bytes = std::max(bytes, step.kernel->scratch_bytes(threads));
  }
  return bytes;
}

}  // namespace runtime

Result<Program> Program::from_model(const Model& model, const ProgramOptions& options) {
  auto state = std::make_shared<runtime::ProgramState>();
  const Status status = runtime::plan_program(model, options, nullptr, *state);
  return status.is_ok() ? Program(std::move(state)) : Result<Program>(status);
}

std::span<const TensorInfo> Program::inputs() const { return state_->input_infos; }
std::span<const TensorInfo> Program::outputs() const { return state_->output_infos; }
std::span<const SignatureInfo> Program::signatures() const { return state_->signatures; }
size_t Program::arena_bytes() const { return state_->arena_bytes; }
size_t Program::packed_bytes() const { return state_->packed_bytes; }
size_t Program::step_count() const { return state_->steps.size(); }
size_t Program::session_bytes(int threads) const {
  return state_->arena_bytes + state_->scratch_bytes(std::clamp(threads, 1, kMaxSessionThreads));
}

}  // namespace burin
