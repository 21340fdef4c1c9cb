// Running a model: Program (immutable, planned for given input shapes) and Session (one arena).
//
//   auto program = burin::Program::from_file("model.tflite", {});
//   if (!program.is_ok()) ...program.status().message()
//   burin::Session session(program.value(), {.threads = 2});
//   std::memcpy(session.input(0).data, pixels, ...);
//   burin::Status status = session.invoke();
//   const float* scores = session.output(0).as<float>();
//
// Many sessions, in many threads, may share one Program. Results never depend on the number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "burin/status.hpp"
#include "burin/tensor_types.hpp"

namespace burin {

struct Model;
struct RuntimeOperator;
enum class Arithmetic : uint8_t;
namespace runtime {
struct ProgramState;
struct SessionState;
}  // namespace runtime

struct ProgramOptions {
  // Integer arithmetic: 0 `litert` (default), 1 `reference`.
  Arithmetic arithmetic{};
  // Shapes of the inputs in model order; empty: those of the model, with free dimensions set to 1.
  std::vector<Shape> input_shapes;
  // The value before a fused activation becomes a step of its own, so that observers see it.
  bool separate_activations = false;
  // Only reference evaluations, no faster kernels (tests).
  bool reference_kernels = false;
  // Evaluations of source-only operators (toolkit: source_operator_table()); empty: such models are refused.
  std::span<const RuntimeOperator> source_operators;
};

struct TensorInfo {
  std::string name;  // of the signature
  ElementType type;
  Shape shape;
  const Quantization* quantization;  // null: not quantized; lives as long as the Program
};

class Program {
 public:
  static Result<Program> from_file(const std::string& path, const ProgramOptions& options = {});
  // Copies what it keeps of `bytes` unless `keep_alive` owns them.
  static Result<Program> from_memory(std::span<const std::byte> bytes, const ProgramOptions& options = {},
                                     std::shared_ptr<const void> keep_alive = {});
  // The graph is not needed any more afterwards. `model` must have been verified.
  static Result<Program> from_model(const Model& model, const ProgramOptions& options = {});

  std::span<const TensorInfo> inputs() const;
  std::span<const TensorInfo> outputs() const;
  size_t arena_bytes() const;
  size_t packed_bytes() const;  // weights after packing
  size_t step_count() const;

  const runtime::ProgramState& state() const { return *state_; }

 private:
  explicit Program(std::shared_ptr<const runtime::ProgramState> state) : state_(std::move(state)) {}
  std::shared_ptr<const runtime::ProgramState> state_;
};

// One executed step, as an observer sees it, before the memory of its outputs is used again.
struct StepEvent {
  uint32_t node;           // NodeId in graph 0 of the model that the Program was made from
  bool before_activation;  // with separate_activations: the outputs are those before the fused activation
  const char* kernel;      // "reference", "f32_gemm_avx512", ...
  int64_t nanoseconds;
  std::span<const TensorView> outputs;
};

class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void on_step(const StepEvent& event) = 0;
};

struct SessionOptions {
  int threads = 1;
};

class Session {
 public:
  explicit Session(Program program, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  const Program& program() const;
  // Write inputs before every invoke(): their memory may be used again during it. No data (and invoke() says why)
  // where the system has no memory for the tensors or there is no such input.
  MutableTensorView input(size_t index);
  // Valid until the next invoke().
  TensorView output(size_t index) const;
  Status invoke(StepObserver* observer = nullptr);

 private:
  std::unique_ptr<runtime::SessionState> state_;
};

}  // namespace burin
