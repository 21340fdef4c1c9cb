// A kernel: a faster evaluation of one operator for particular types, shapes and instruction sets.
//
// When a Program is made, `prepare_kernel` (kernel_table.hpp) asks the candidates for the node's operator in order;
// the first that accepts packs its weights and returns a PreparedKernel, otherwise the reference evaluation is used.
// A kernel equals the reference bit for bit where the arithmetic is integer, and within float rounding otherwise;
// float results do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "burin/status.hpp"
#include "burin/tensor_types.hpp"
#include "ops/operator.hpp"
#include "runtime/cpu_features.hpp"

namespace burin::runtime {

class ThreadPool;
class WeightMemory;

// Rows and columns of one value around an image.
struct ImagePadding {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  float value = 0;   // of float images
  int32_t code = 0;  // of quantized ones

  bool empty() const { return top == 0 && bottom == 0 && left == 0 && right == 0; }
};

// What a kernel knows when a Program is made: all types, shapes, and the data of constant inputs.
struct PrepareContext {
  // Data is null for inputs that are not constant. `quantization` stays valid as long as the kernel, of constants while
  // it is prepared.
  std::span<const TensorView> inputs;
  std::span<const bool> has_input;             // false: optional input left out
  std::span<const MutableTensorView> outputs;  // data is null
  const Attributes& attributes;
  Arithmetic arithmetic;
  // Owners of the constants, so that a kernel may keep viewing them instead of copying. Parallel to inputs.
  std::span<const std::shared_ptr<const void>> input_owners;
  // Keys of constants, parallel to inputs; kNoConstant where an input is not constant.
  static constexpr uint32_t kNoConstant = 0xffffffffu;
  std::span<const uint32_t> input_constants = {};
  WeightMemory* weight_memory = nullptr;  // of packed weights; null: kernels have their own
  // Part of the shape of input 0 (NHWC), but not of its memory: a fused PAD. Only convolutions are given one.
  ImagePadding padding = {};

  bool is_constant(size_t input) const { return input_constants[input] != kNoConstant; }
};

struct RunContext {
  std::span<const TensorView> inputs;
  std::span<const MutableTensorView> outputs;
  std::byte* scratch;  // scratch_bytes, 64-byte aligned
  ThreadPool& threads;
};

// The state is whatever prepare packed; it is immutable and shared by all sessions.
class PreparedKernel {
 public:
  virtual ~PreparedKernel() = default;
  virtual const char* name() const = 0;
  virtual Status run(const RunContext& context) const = 0;
  // Working memory of one run with that many threads.
  virtual size_t scratch_bytes(int threads) const {
    (void)threads;
    return 0;
  }
  // Whether run() finds the data of constant inputs in its context; otherwise what prepare packed or kept is all.
  virtual bool reads_constants() const { return false; }
  virtual size_t packed_bytes() const { return 0; }
};

// Null: this kernel does not apply. An error: the node cannot be run at all.
using PreparedResult = Result<std::unique_ptr<PreparedKernel>>;
// Prepares for the best variant that `set` allows; the machine must have it.
using PrepareFunction = PreparedResult (*)(const PrepareContext& context, InstructionSet set);

// One step of a chain, in which every step but the last has one output that only the next one reads, or the next two
// where the second gates it.
struct ChainLink {
  Op op;
  PrepareContext context;
  size_t chained_input = 0;  // which input is the output of the link before; of the first link nothing
  bool gates = false;        // the other input is the output of the link before that one: x * f(x)
  size_t first_input = 0;    // where its inputs begin among those that the kernel of the chain is run with
};
// How many links from the first on one kernel evaluates; fewer than two: none. Data of constants is known where it is
// the model's; is_constant() always tells.
using MatchChainFunction = size_t (*)(std::span<const ChainLink> chain);
// Prepares for all links. The kernel is run with the inputs of all links one after the other, in place of chained ones
// nothing, and the output of the last. Null: the links are evaluated one by one.
using PrepareChainFunction = PreparedResult (*)(std::span<const ChainLink> chain, InstructionSet set);

}  // namespace burin::runtime
