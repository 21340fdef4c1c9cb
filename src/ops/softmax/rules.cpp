#include "ops/rules.hpp"

#include "ops/softmax/toolkit.hpp"

namespace burin {

// SOFTMAX lies in 0..1. LOG_SOFTMAX stays float: Burin's own runtime has no int8 form of it.
OperatorQuantization quantization_softmax(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0]) || node.op != Op::kSoftmax) return {};
  return {.rule = QuantizationRule::kFixedOutput, .fixed_output = {{1.0f / 256}, {-128}}};
}

}  // namespace burin
