#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>

#include "runtime/memory_plan.hpp"
#include "runtime/out_of_memory.hpp"
#include "runtime/program_state.hpp"
#include "runtime/thread_pool.hpp"
#include "runtime/weight_memory.hpp"

namespace burin {

static_assert(kSessionMemoryAlignment == runtime::kArenaAlignment);

namespace runtime {

namespace {

struct FreeDelete {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using AlignedMemory = std::unique_ptr<std::byte, FreeDelete>;

AlignedMemory allocate_aligned(size_t bytes) {
  const size_t rounded = (bytes / kArenaAlignment + 1) * kArenaAlignment;  // never zero
  return AlignedMemory(static_cast<std::byte*>(std::aligned_alloc(kArenaAlignment, rounded)));
}

// A Program with the memory that it runs in: first the arena, behind it what kernels write meanwhile.
struct Workspace {
  explicit Workspace(Program its_program) : program(std::move(its_program)) {}

  // `given` may be empty: then it allocates.
  Status bind(int threads, std::span<std::byte> given) {
    const ProgramState& state = program.state();
    const size_t bytes = state.arena_bytes + state.scratch_bytes(threads);
    memory = given;
    if (given.empty()) {
      owned = allocate_aligned(bytes);
      if (owned == nullptr) {
        return Status(StatusCode::kResourceLimit, "no memory for " + std::to_string(bytes >> 20) + " MiB of tensors",
                      "use smaller inputs or a smaller batch");
      }
      memory = {owned.get(), bytes};
      fault_in(owned.get(), state.arena_bytes);
    }
    if (memory.size() < bytes || reinterpret_cast<uintptr_t>(memory.data()) % kArenaAlignment != 0) {
      return Status(StatusCode::kInvalidArgument,
                    "the given memory has " + std::to_string(memory.size()) + " bytes; needed are " +
                        std::to_string(bytes) + ", aligned to " + std::to_string(kArenaAlignment),
                    "Program::session_bytes() says how many.");
    }
    for (const Operand& operand : state.step_inputs) step_inputs.push_back(view(operand));
    for (const Operand& operand : state.step_outputs) {
      step_outputs.push_back(mutable_view(operand));
      step_output_views.push_back(view(operand));
    }
    for (const Operand& operand : state.inputs) inputs.push_back(mutable_view(operand));
    for (const Operand& operand : state.outputs) outputs.push_back(view(operand));
    return {};
  }

  TensorView view(const Operand& operand) const {
    TensorView view = operand.view;
    if (operand.offset != Operand::kNoOffset) view.data = memory.data() + operand.offset;
    return view;
  }

  MutableTensorView mutable_view(const Operand& operand) const {
    return {memory.data() + operand.offset, operand.view.type, operand.view.shape, operand.view.quantization};
  }

  Status run(const Step& step, ThreadPool& threads) const {
    if (step.kernel == nullptr && step.evaluate == nullptr) return {};
    const std::span<const TensorView> in = std::span(step_inputs).subspan(step.first_input, step.input_count);
    const std::span<const MutableTensorView> out =
        std::span(step_outputs).subspan(step.first_output, step.output_count);
    // Nothing to compute; loops over the other dimensions, which may be huge, would not end.
    if (std::ranges::all_of(out, [](const MutableTensorView& view) { return view.shape.elements() == 0; })) return {};
    if (step.kernel != nullptr) {
      return step.kernel->run({in, out, memory.data() + program.state().arena_bytes, threads});
    }
    return step.evaluate({in, out, step.attributes, program.state().arithmetic});
  }

  Program program;
  AlignedMemory owned;
  std::span<std::byte> memory;
  // Views into it, in the order of the Program's operands.
  std::vector<TensorView> step_inputs;
  std::vector<MutableTensorView> step_outputs;
  std::vector<TensorView> step_output_views;
  std::vector<MutableTensorView> inputs;
  std::vector<TensorView> outputs;
};

}  // namespace

struct SessionState {
  SessionState(Program program, const SessionOptions& options)
      : threads(options.threads), workspace(std::move(program)) {
    status = workspace.bind(threads.threads(), options.memory);
  }

  Status run(StepObserver* observer) {
    for (const Step& step : workspace.program.state().steps) {
      if (cancelled.load(std::memory_order_relaxed)) return Status(StatusCode::kCancelled, "the run was cancelled");
      if (observer == nullptr) {
        if (const Status failed = workspace.run(step, threads); !failed.is_ok()) return failed.at(step.origin);
        continue;
      }
      const auto start = std::chrono::steady_clock::now();
      const Status failed = workspace.run(step, threads);
      const auto duration = std::chrono::steady_clock::now() - start;
      if (!failed.is_ok()) return failed.at(step.origin);
      observer->on_step({step.nodes.back(), step.nodes, step.before_activation, step.kernel_name,
                         std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count(),
                         std::span(workspace.step_output_views).subspan(step.first_output, step.output_count),
                         step.origin, step.operator_name});
    }
    return {};
  }

  ThreadPool threads;
  std::atomic<bool> cancelled{false};
  Workspace workspace;
  Status status;
};

}  // namespace runtime

Session::Session(Program program, const SessionOptions& options) {
  const Status status = runtime::within_memory([&]() -> Status {
    state_ = std::make_unique<runtime::SessionState>(std::move(program), options);
    return {};
  });
  (void)status.is_ok();  // no state says the same
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Status& Session::status() const {
  static const Status no_state = runtime::out_of_memory();
  return state_ == nullptr ? no_state : state_->status;
}

const Program& Session::program() const { return state_->workspace.program; }

MutableTensorView Session::input(size_t index) {
  if (state_ == nullptr) return {};
  const auto& inputs = state_->workspace.inputs;
  return index < inputs.size() ? inputs[index] : MutableTensorView{};
}

TensorView Session::output(size_t index) const {
  if (state_ == nullptr) return {};
  const auto& outputs = state_->workspace.outputs;
  return index < outputs.size() ? outputs[index] : TensorView{};
}

void Session::cancel() {
  if (state_ != nullptr) state_->cancelled.store(true, std::memory_order_relaxed);
}
void Session::clear_cancel() {
  if (state_ != nullptr) state_->cancelled.store(false, std::memory_order_relaxed);
}

Status Session::invoke(StepObserver* observer) {
  if (!status().is_ok()) return status();
  return runtime::within_memory([&] { return state_->run(observer); });
}

Status Session::resize(std::span<const Shape> input_shapes, std::span<std::byte> memory) {
  if (state_ == nullptr) return status();
  return runtime::within_memory([&]() -> Status {
    Result<Program> program = state_->workspace.program.resized(input_shapes);
    if (!program.is_ok()) return program.status();
    const bool keeps_given = memory.empty() && state_->workspace.owned == nullptr;
    runtime::Workspace workspace(std::move(program.value()));
    const Status bound = workspace.bind(state_->threads.threads(), keeps_given ? state_->workspace.memory : memory);
    if (!bound.is_ok()) return bound;
    state_->workspace = std::move(workspace);
    state_->status = {};
    return {};
  });
}

}  // namespace burin
