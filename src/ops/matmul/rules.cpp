#include "ops/rules.hpp"

#include "ops/matmul/toolkit.hpp"

namespace burin {

// One scale for all weights: per-channel FULLY_CONNECTED needs an operator version that older runtimes refuse (int8) or
// answer with zeros (float activations). int4 weights need a newer version anyway and are per channel.
OperatorQuantization quantization_fully_connected(const Model&, const Graph& graph, const Node& node) {
  if (!has_constant_weights(graph, node)) return {};
  return {.rule = QuantizationRule::kWeighted, .weight_axis = -1, .int4_weights = true};
}

}  // namespace burin
