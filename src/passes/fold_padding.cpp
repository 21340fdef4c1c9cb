// x -> PAD (zeros around height and width) -> conv (VALID) -> y        becomes        x -> conv (SAME) -> y
//
// Only where SAME, which depends on the size of x, starts at the same place and gives as many rows and columns; not for
// a free height or width. "conv" is CONV_2D or DEPTHWISE_CONV_2D; a PADV2 of 0 counts as PAD.
#include "ops/operator.hpp"
#include "passes/passes.hpp"
#include "passes/weighted_layer.hpp"

namespace burin {

namespace {

// The paddings of PAD as SpatialPadding, when that is all it pads and it pads with zeros.
std::optional<SpatialPadding> zero_padding(Rewriter& rewriter, const Node& node) {
  if (node.op != Op::kPad && node.op != Op::kPadV2) return {};
  if (rewriter.tensor(node.inputs[0]).type != ElementType::kFloat32) return {};
  if (rewriter.tensor(node.inputs[0]).shape.rank() != 4) return {};
  const Tensor& paddings = rewriter.tensor(node.inputs[1]);
  if (paddings.constant == kNoId || paddings.type != ElementType::kInt32) return {};
  const std::vector<int32_t> amounts = rewriter.model().constant_values<int32_t>(paddings.constant);
  if (amounts.size() != 8 || amounts[0] != 0 || amounts[1] != 0 || amounts[6] != 0 || amounts[7] != 0) return {};
  if (node.op == Op::kPadV2) {
    const Tensor& value = rewriter.tensor(node.inputs[2]);
    if (value.constant == kNoId || value.type != ElementType::kFloat32) return {};
    if (rewriter.model().constant_values<float>(value.constant) != std::vector{0.0f}) return {};
  }
  return SpatialPadding{amounts[2], amounts[3], amounts[4], amounts[5]};
}

bool equals_same(int32_t size, int32_t before, int32_t after, int32_t filter, int32_t stride, int32_t dilation) {
  if (size == Shape::kFree || before < 0 || after < 0) return false;
  const int64_t extent = (int64_t{filter} - 1) * dilation + 1;
  const int64_t room = int64_t{size} + before + after - extent;
  const int64_t same_outputs = (int64_t{size} + stride - 1) / stride;
  return room >= 0 && room / stride + 1 == same_outputs && same_padding(size, filter, stride, dilation) / 2 == before;
}

template <typename T>
bool use_same_padding(Rewriter& rewriter, Node& node, const Shape& input, const SpatialPadding& padding) {
  T& attributes = *std::get_if<T>(&node.attributes);
  if (attributes.padding != Padding::kValid) return false;
  const Shape& kernel = rewriter.tensor(node.inputs[1]).shape;
  if (!equals_same(input[1], padding.top, padding.bottom, kernel[1], attributes.stride_h, attributes.dilation_h) ||
      !equals_same(input[2], padding.left, padding.right, kernel[2], attributes.stride_w, attributes.dilation_w)) {
    return false;
  }
  attributes.padding = Padding::kSame;
  return true;
}

}  // namespace

bool fold_padding(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    const Node& pad = rewriter.node(id);
    const std::optional<SpatialPadding> padding = zero_padding(rewriter, pad);
    if (!padding) continue;
    const NodeId next = rewriter.single_consumer(pad.outputs[0]);
    if (next == kNoId) continue;
    Node& layer = rewriter.node(next);
    const Shape& input = rewriter.tensor(pad.inputs[0]).shape;
    const bool folded = layer.op == Op::kConv2d ? use_same_padding<Conv2dAttributes>(rewriter, layer, input, *padding)
                        : layer.op == Op::kDepthwiseConv2d
                            ? use_same_padding<DepthwiseConv2dAttributes>(rewriter, layer, input, *padding)
                            : false;
    if (!folded) continue;
    rewriter.replace_uses(pad.outputs[0], pad.inputs[0]);
    rewriter.remove_node(id);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
