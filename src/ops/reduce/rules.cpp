#include "ops/rules.hpp"

#include "ops/reduce/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_reduce(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  return {.rule = node.op == Op::kReduceMax ? QuantizationRule::kSameAsInput : QuantizationRule::kAffine};
}

}  // namespace burin
