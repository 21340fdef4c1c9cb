#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "runtime/memory_plan.hpp"
#include "runtime/program_state.hpp"
#include "runtime/thread_pool.hpp"

namespace burin {

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

}  // namespace

struct SessionState {
  SessionState(Program its_program, const SessionOptions& options)
      : program(std::move(its_program)), threads(options.threads) {
    const ProgramState& state = program.state();
    arena = allocate_aligned(state.arena_bytes);
    size_t scratch_bytes = 0;
    for (const Step& step : state.steps) {
      if (step.kernel != nullptr)
        scratch_bytes = std::max(scratch_bytes, step.kernel->scratch_bytes(threads.threads()));
    }
    scratch = allocate_aligned(scratch_bytes);
    if (arena == nullptr || scratch == nullptr) {
      status = Status(StatusCode::kResourceLimit,
                      "no memory for " + std::to_string((state.arena_bytes + scratch_bytes) >> 20) + " MiB of tensors",
                      "use smaller inputs or a smaller batch");
      return;
    }
    for (const Operand& operand : state.step_inputs) step_inputs.push_back(view(operand));
    for (const Operand& operand : state.step_outputs) {
      step_outputs.push_back(mutable_view(operand));
      step_output_views.push_back(view(operand));
    }
    for (const Operand& operand : state.inputs) inputs.push_back(mutable_view(operand));
    for (const Operand& operand : state.outputs) outputs.push_back(view(operand));
  }

  TensorView view(const Operand& operand) const {
    TensorView view = operand.view;
    if (operand.offset != Operand::kNoOffset) view.data = arena.get() + operand.offset;
    return view;
  }

  MutableTensorView mutable_view(const Operand& operand) const {
    return {arena.get() + operand.offset, operand.view.type, operand.view.shape, operand.view.quantization};
  }

  Status run(const Step& step) {
    if (step.kernel == nullptr && step.evaluate == nullptr) return {};
    const std::span<const TensorView> in = std::span(step_inputs).subspan(step.first_input, step.input_count);
    const std::span<const MutableTensorView> out =
        std::span(step_outputs).subspan(step.first_output, step.output_count);
    // Nothing to compute; loops over the other dimensions, which may be huge, would not end.
    if (std::ranges::all_of(out, [](const MutableTensorView& view) { return view.shape.elements() == 0; })) return {};
    if (step.kernel != nullptr) return step.kernel->run({in, out, scratch.get(), threads});
    return step.evaluate({in, out, step.attributes, program.state().arithmetic});
  }

  Program program;
  ThreadPool threads;
  AlignedMemory arena;
  AlignedMemory scratch;
  Status status;
  // Views into the arena, in the order of the Program's operands.
  std::vector<TensorView> step_inputs;
  std::vector<MutableTensorView> step_outputs;
  std::vector<TensorView> step_output_views;
  std::vector<MutableTensorView> inputs;
  std::vector<TensorView> outputs;
};

}  // namespace runtime

Session::Session(Program program, const SessionOptions& options)
    : state_(std::make_unique<runtime::SessionState>(std::move(program), options)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Program& Session::program() const { return state_->program; }

MutableTensorView Session::input(size_t index) {
  return index < state_->inputs.size() ? state_->inputs[index] : MutableTensorView{};
}

TensorView Session::output(size_t index) const {
  return index < state_->outputs.size() ? state_->outputs[index] : TensorView{};
}

Status Session::invoke(StepObserver* observer) {
  if (!state_->status.is_ok()) return state_->status;
  for (const runtime::Step& step : state_->program.state().steps) {
    if (observer == nullptr) {
      if (const Status status = state_->run(step); !status.is_ok()) return status.at(step.origin);
      continue;
    }
    const auto start = std::chrono::steady_clock::now();
    const Status status = state_->run(step);
    const auto duration = std::chrono::steady_clock::now() - start;
    if (!status.is_ok()) return status.at(step.origin);
    observer->on_step({step.node, step.before_activation, step.kernel_name,
                       std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count(),
                       std::span(state_->step_output_views).subspan(step.first_output, step.output_count)});
  }
  return {};
}

}  // namespace burin
