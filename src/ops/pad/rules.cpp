#include "ops/rules.hpp"

#include "ops/pad/toolkit.hpp"

namespace burin {

// The value of PADV2 (input 2) is written in the parameters of input 0 as well.
OperatorQuantization quantization_pad(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  if (node.op == Op::kPadV2 && graph.tensors[node.inputs[2]].constant == kNoId) return {};
  return {.rule = QuantizationRule::kSameAsInput};
}

}  // namespace burin
