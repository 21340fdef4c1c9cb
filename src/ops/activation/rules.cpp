#include "ops/rules.hpp"

#include "ops/activation/toolkit.hpp"

namespace burin {

// What is not listed stays float: Burin's own runtime has no int8 form of it.
OperatorQuantization quantization_activation(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  switch (node.op) {
    case Op::kLogistic:
      return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 256}, {-128}}};
    case Op::kTanh:
      return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 128}, {0}}};
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kRelu:
    case Op::kRelu6:
      return {.rule = QuantizationRule::kAffine};
    default:  // RELU_N1_TO_1, ELU, GELU, PRELU
      return {};
  }
}

}  // namespace burin
