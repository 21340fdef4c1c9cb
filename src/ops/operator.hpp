// The runtime half of an operator: what it takes to read, shape and evaluate it.
//
// `runtime_operator(op)` is the row of the runtime table (operator_table.cpp); source-only operators have rows in the
// toolkit's `source_operator_table()` (toolkit_operator.hpp). Each row's functions live in the operator family's
// folder: parse.cpp, shape.cpp, reference.cpp. Faster kernels are listed in runtime/kernel_table.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "burin/status.hpp"
#include "burin/tensor_types.hpp"
#include "ops/attributes.hpp"
#include "ops/op.hpp"

namespace burin {

class FlatTable;  // formats/flatbuffer/flat_table.hpp
namespace runtime {
class PreparedKernel;  // runtime/kernel.hpp
struct PrepareContext;
enum class InstructionSet : uint8_t;
}  // namespace runtime

// How integer kernels turn accumulators into codes; see ops/requantize.hpp.
enum class Arithmetic : uint8_t {
  kLitert,     // float multiply, round half to even: what stock LiteRT (XNNPACK) computes
  kReference,  // fixed-point double rounding: TFLite's reference kernels
};

// Shape inference. Every dimension is concrete. `data` of an input is set where its value is known.
struct InferContext {
  std::span<const TensorView> inputs;  // absent optional inputs have shape scalar and no data; see `has_input`
  std::span<const bool> has_input;
  const Attributes& attributes;
};

struct InferredTensor {
  ElementType type = ElementType::kFloat32;
  Shape shape;
};

struct EvaluateContext {
  std::span<const TensorView> inputs;  // not present(): left out
  std::span<const MutableTensorView> outputs;
  const Attributes& attributes;
  Arithmetic arithmetic;
};

struct RuntimeOperator {
  Op op;
  std::string_view name;  // as TFLite writes it: "CONV_2D"
  int32_t builtin_code;   // BuiltinOperator of the TFLite schema; -1: source-only
  int32_t max_version;    // highest version whose behaviour is implemented
  uint8_t min_inputs, max_inputs;
  // Reads builtin options; `options` is empty where the file has none. Null: the operator has no attributes.
  Status (*parse)(const FlatTable& options, Attributes& attributes);
  // Types and shapes of the outputs; rejects inputs that do not fit together (ranks, channel counts, types).
  Status (*infer)(const InferContext& context, std::span<InferredTensor> outputs);
  // The reference: plain, exact, for every type the operator is accepted with. Checks types first (kUnsupported).
  Status (*evaluate)(const EvaluateContext& context);
  // A source-only operator's faster evaluation, if it has one; those of builtin operators are in kernel_table.hpp.
  Result<std::unique_ptr<runtime::PreparedKernel>> (*prepare)(const runtime::PrepareContext& context,
                                                              runtime::InstructionSet set) = nullptr;
};

// op must be a builtin operator.
const RuntimeOperator& runtime_operator(Op op);
std::span<const RuntimeOperator> runtime_operators();
// The row with this builtin code, or null.
const RuntimeOperator* find_runtime_operator(int32_t builtin_code);

// Attributes of the expected kind; an operator's functions may rely on it after verify().
template <typename T>
const T& get(const Attributes& attributes) {
  return *std::get_if<T>(&attributes);
}

}  // namespace burin
