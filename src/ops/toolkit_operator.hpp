// The toolkit half of an operator: how it is quantized, what it costs, how it is written to a .tflite file.
// Functions live in the operator family's folder: rules.cpp, cost.cpp, write.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "graph/model.hpp"
#include "ops/operator.hpp"

namespace flatbuffers {
class FlatBufferBuilder;
}

namespace burin {

// What full-integer quantization asks of an operator's tensors.
enum class QuantizationRule : uint8_t {
  kNone,         // stays float
  kAffine,       // inputs and outputs int8 per tensor, each with its own parameters
  kWeighted,     // input 1 weights (symmetric, per channel along weight_axis), input 2 int32 bias
  kSameAsInput,  // output shares input 0's parameters (pools, RESHAPE, PAD, RESIZE, TRANSPOSE ...)
  kSameForAll,   // every data input and the output share one set (CONCATENATION, MAXIMUM, PACK)
  kFixedOutput,  // the output's parameters are fixed (SOFTMAX, LOGISTIC: 1/256, -128; TANH: 1/128, 0)
};

struct OperatorQuantization {
  QuantizationRule rule = QuantizationRule::kNone;
  int weight_axis = -1;       // kWeighted: the output channel's dimension of input 1; -1: one scale for all
  Quantization fixed_output;  // kFixedOutput, for int8
  uint32_t data_inputs = 1;   // leading inputs that are data; the others (shapes, axes, paddings) stay as they are
  bool int4_weights = false;  // kWeighted: a matrix product, whose weights can be int4, per channel along dimension 0
};

// A written operator's options; type 0: none.
struct WrittenOptions {
  uint8_t type = 0;     // BuiltinOptions union tag of the schema
  uint32_t offset = 0;  // offset of the finished table in the builder
};

struct ToolkitOperator {
  Op op;
  OperatorQuantization (*quantization)(const Model& model, const Graph& graph, const Node& node);
  // Multiply-accumulates (else elementary operations) for concrete shapes. Null: nothing worth counting.
  int64_t (*multiply_accumulates)(const Graph& graph, const Node& node);
  // Null for source-only operators and operators without options.
  WrittenOptions (*write)(flatbuffers::FlatBufferBuilder& builder, const Node& node);
  // Lowest operator version that has the behaviour this node asks for. Null: 1.
  int32_t (*version)(const Graph& graph, const Node& node);
};

const ToolkitOperator& toolkit_operator(Op op);

// Runtime rows of the source-only operators, in the order of Op from kBatchNormalization on.
std::span<const RuntimeOperator> source_operator_table();
// runtime_operator() for either level.
const RuntimeOperator& any_operator(Op op);

}  // namespace burin
