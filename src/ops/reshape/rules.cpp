#include "ops/rules.hpp"

#include "ops/reshape/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_reshape(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  switch (node.op) {
    case Op::kConcatenation:
      if (*fused_activation(node.attributes) != FusedActivation::kNone) return {};
      [[fallthrough]];
    case Op::kPack:
      return {.rule = QuantizationRule::kSameForAll, .data_inputs = static_cast<uint32_t>(node.inputs.size())};
    case Op::kShape:  // reads no values: any type will do
      return {.rule = QuantizationRule::kAffine};
    default:
      return {.rule = QuantizationRule::kSameAsInput};
  }
}

}  // namespace burin
