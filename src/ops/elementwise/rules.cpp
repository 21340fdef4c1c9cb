#include "ops/rules.hpp"

#include "ops/elementwise/toolkit.hpp"

namespace burin {

// DIV, SQUARE, SQRT and NEG have no int8 form in LiteRT; the other functions of one input stay float with them.
OperatorQuantization quantization_elementwise(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  switch (node.op) {
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
      return {.rule = QuantizationRule::kAffine, .data_inputs = 2};
    case Op::kMaximum:
    case Op::kMinimum:
      return {.rule = QuantizationRule::kSameForAll, .data_inputs = 2};
    default:
      return {};
  }
}

}  // namespace burin
