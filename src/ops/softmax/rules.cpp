#include "ops/rules.hpp"

#include "ops/softmax/toolkit.hpp"

namespace burin {

// SOFTMAX lies in 0..1, LOG_SOFTMAX in -16..0.
OperatorQuantization quantization_softmax(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  if (node.op == Op::kSoftmax) {
    return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 256}, {-128}}};
  }
  return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{16.0f / 256}, {127}}};
}

}  // namespace burin
