#include "ops/rules.hpp"

#include "ops/pool/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_pool(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  return {.rule = QuantizationRule::kSameAsInput};
}

}  // namespace burin
