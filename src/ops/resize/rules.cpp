#include "ops/rules.hpp"

#include "ops/resize/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_resize(const Model&, const Graph& graph, const Node& node) {
  if (!is_float(graph, node.inputs[0])) return {};
  return {.rule = QuantizationRule::kSameAsInput};
}

}  // namespace burin
