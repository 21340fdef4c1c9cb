// Running a model: Program (immutable, planned for given input shapes) and Session (the memory of one run).
//
//   burin::Result<burin::Program> program = burin::Program::from_file("model.tflite");
//   if (!program.is_ok()) ...program.status().message()
//   burin::Session session(program.value(), {.threads = 2});
//   std::ranges::copy(pixels, session.input<float>(0).begin());
//   burin::Status status = session.invoke();
//   std::span<const float> scores = session.output<float>(0);
//
// Threads: a Program may be used by any number of threads and sessions at once. A Session belongs to one thread at a
// time; only cancel() may be called from others. Results never depend on the number of threads.
// Errors are Status values. Nothing here throws, and no input makes it abort.
// The same in C: burin/burin.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
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

// "0.1.0": major, minor, patch.
const char* version();

struct ProgramOptions {
  // Integer arithmetic: 0 `litert` (default), 1 `reference`.
  Arithmetic arithmetic{};
  // Shapes of the inputs in model order; empty: those of the model, with free dimensions set to 1.
  std::vector<Shape> input_shapes;
  // Every node is a step of its own, and every fused activation too, so that observers see all values. Otherwise one
  // kernel may evaluate several nodes.
  bool separate_steps = false;
  // Only reference evaluations, no faster kernels (tests).
  bool reference_kernels = false;
  // Evaluations of source-only operators (toolkit: source_operator_table()); empty: such models are refused.
  std::span<const RuntimeOperator> source_operators;
};

struct TensorInfo {
  std::string name;  // in the first signature; a name of the graph where the file has none
  ElementType type;
  Shape shape;                       // outermost dimension first; concrete
  const Quantization* quantization;  // null: not quantized; lives as long as the Program
};

// A way to call the model. Names are parallel to Program::inputs() and outputs().
struct SignatureInfo {
  std::string key;  // "serving_default"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

class Program {
 public:
  // Maps a .tflite file; it is not read into memory as a whole. While Programs that were made from it live, the file
  // may be deleted or replaced by another of its name, but must not be changed in place.
  // kIo: it cannot be read. kInvalidModel: it is damaged. kUnsupported: it needs an operator or a type that this
  // build does not have. kInvalidArgument: `input_shapes` do not fit. kResourceLimit: it is larger than a limit, or
  // than the memory that there is.
  static Result<Program> from_file(const std::string& path, const ProgramOptions& options = {});
  // The same of a file's bytes, which may be unaligned. They are copied unless `keep_alive` is given: then they must
  // not change while it lives, and the Program holds it.
  static Result<Program> from_memory(std::span<const std::byte> bytes, const ProgramOptions& options = {},
                                     std::shared_ptr<const void> keep_alive = {});
  // The graph is not needed any more afterwards. `model` must have been verified.
  static Result<Program> from_model(const Model& model, const ProgramOptions& options = {});

  // The same model for other input shapes, one for each input. The file is shared, weights are packed again; this
  // Program stays as it is. kUnsupported where it was made by from_model().
  Result<Program> resized(std::span<const Shape> input_shapes) const;

  std::span<const TensorInfo> inputs() const;
  std::span<const TensorInfo> outputs() const;
  // At least one. Those of the file that call its main graph; a file's other graphs cannot be run.
  std::span<const SignatureInfo> signatures() const;
  // kInvalidArgument: there is no such signature; kUnsupported: it calls another graph. Lives as long as the Program.
  Result<const SignatureInfo*> signature(std::string_view key) const;
  // The index of an input or output by its name in a signature (empty: the first one).
  Result<size_t> input_index(std::string_view name, std::string_view signature_key = {}) const;
  Result<size_t> output_index(std::string_view name, std::string_view signature_key = {}) const;

  size_t arena_bytes() const;   // of the tensors, as planned
  size_t packed_bytes() const;  // weights after packing
  size_t step_count() const;
  // Bytes that a Session with that many threads works in: the arena and what kernels write meanwhile.
  size_t session_bytes(int threads) const;

  const runtime::ProgramState& state() const { return *state_; }

 private:
  explicit Program(std::shared_ptr<const runtime::ProgramState> state) : state_(std::move(state)) {}
  std::shared_ptr<const runtime::ProgramState> state_;
};

// The element type whose elements are a T of C++; kFloat16 and kInt4 have none.
template <typename T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, float>) {
    return ElementType::kFloat32;
  } else if constexpr (std::is_same_v<T, int32_t>) {
    return ElementType::kInt32;
  } else if constexpr (std::is_same_v<T, uint8_t>) {
    return ElementType::kUInt8;
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return ElementType::kInt64;
  } else if constexpr (std::is_same_v<T, bool>) {
    return ElementType::kBool;
  } else if constexpr (std::is_same_v<T, int16_t>) {
    return ElementType::kInt16;
  } else if constexpr (std::is_same_v<T, int8_t>) {
    return ElementType::kInt8;
  } else if constexpr (std::is_same_v<T, double>) {
    return ElementType::kFloat64;
  } else {
    static_assert(std::is_same_v<T, uint32_t>, "no tensor has elements of this type");
    return ElementType::kUInt32;
  }
}

// One executed step, as an observer sees it, before the memory of its outputs is used again.
struct StepEvent {
  uint32_t node;  // NodeId in graph 0 of the model that the Program was made from
  // All that the step evaluates, in order; the last is `node`, whose outputs these are.
  std::span<const uint32_t> nodes;
  bool before_activation;  // with separate_steps: the outputs are those before the fused activation
  const char* kernel;      // "reference", "f32_gemm_avx512", ...
  int64_t nanoseconds;
  std::span<const TensorView> outputs;
  std::string_view layer;          // name of the step's output in the file
  std::string_view operator_name;  // "CONV_2D"; of several "CONV_2D+ADD"
};

class StepObserver {
 public:
  virtual ~StepObserver() = default;
  // Called in the thread of invoke(). The views hold until it returns.
  virtual void on_step(const StepEvent& event) = 0;
};

// What SessionOptions::memory must be aligned to, in bytes.
inline constexpr size_t kSessionMemoryAlignment = 64;
inline constexpr int kMaxSessionThreads = 256;

struct SessionOptions {
  int threads = 1;  // that compute, the caller's included; 1 to kMaxSessionThreads
  // At least Program::session_bytes(threads) bytes that the Session works in; they must outlive it, and belong to it
  // alone. Empty: it allocates them itself.
  std::span<std::byte> memory;
};

class Session {
 public:
  explicit Session(Program program, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Whether it can run. kInvalidArgument: `memory` is too small or not aligned; kResourceLimit: the system has no more.
  // invoke() says the same.
  const Status& status() const;
  // Where status() is ok.
  const Program& program() const;

  // Write inputs before every invoke(): their memory may be used again during it. No data where there is no such
  // input or status() is an error. Valid until resize().
  MutableTensorView input(size_t index);
  // Valid until the next invoke() or resize().
  TensorView output(size_t index) const;
  // The same as elements in row-major order; empty where the tensor's type is not T.
  template <typename T>
  std::span<T> input(size_t index) {
    return elements<T>(input(index));
  }
  template <typename T>
  std::span<const T> output(size_t index) const {
    return elements<const T>(output(index));
  }

  // Runs the model once. kCancelled: cancel() was called; the outputs are undefined then, as after any error.
  // kResourceLimit, kInvalidArgument: see status(). Errors of a step name its layer.
  Status invoke(StepObserver* observer = nullptr);

  // Ends the invoke() that runs after its current step; until clear_cancel(), every other one ends before its first.
  // May be called from any thread.
  void cancel();
  void clear_cancel();

  // Goes over to program().resized(input_shapes); other sessions of the old Program go on with it. Inputs and outputs
  // are undefined afterwards. After an error the Session is as before. A given `memory` is kept where it is
  // large enough for the new shapes (else kInvalidArgument), unless another one is given here.
  Status resize(std::span<const Shape> input_shapes, std::span<std::byte> memory = {});

 private:
  template <typename T, typename View>
  static std::span<T> elements(const View& view) {
    if (view.data == nullptr || view.type != element_type_of<std::remove_const_t<T>>()) return {};
    return {view.template as<std::remove_const_t<T>>(), static_cast<size_t>(view.shape.elements())};
  }

  std::unique_ptr<runtime::SessionState> state_;
};

}  // namespace burin
