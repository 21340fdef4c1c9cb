// conv (no bias) -> y        becomes        conv (bias of zeros) -> y
//
// For float CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with constant weights: TFLite's convolutions want one, and
// the correction of quantized models needs a place to write to.
#include "passes/passes.hpp"
#include "passes/weighted_layer.hpp"

namespace burin {

bool materialize_bias(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    const Node& node = rewriter.node(id);
    if (!is_weighted_layer(rewriter, id) || (node.inputs.size() > 2 && node.inputs[2] != kNoId)) continue;
    const Shape& kernel = rewriter.tensor(node.inputs[1]).shape;
    const int32_t outputs = node.op == Op::kDepthwiseConv2d ? kernel.back() : kernel[0];
    const std::string origin = bias_origin(rewriter, id);
    rewriter.set_input(id, 2,
                       rewriter.add_constant(origin, {}, ElementType::kFloat32, Shape{outputs},
                                             std::vector<float>(static_cast<size_t>(outputs), 0.0f)));
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
