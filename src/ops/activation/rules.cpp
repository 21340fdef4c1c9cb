#include "ops/rules.hpp"

#include "ops/activation/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_activation(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  switch (node.op) {
    case Op::kLogistic:
      return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 256}, {-128}}};
    case Op::kTanh:
      return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 128}, {0}}};
    case Op::kPrelu:
      return {.rule = QuantizationRule::kAffine, .data_inputs = 2};
    case Op::kElu:
    case Op::kGelu:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kRelu:
    case Op::kRelu6:
      return {.rule = QuantizationRule::kAffine};
    default:  // RELU_N1_TO_1
      return {};
  }
}

}  // namespace burin
