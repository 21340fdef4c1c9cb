// conv -> RELU6 -> y        becomes        conv (activation RELU6) -> y
//
// For RELU, RELU6 and RELU_N1_TO_1 behind a float CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, ADD, SUB, MUL, DIV,
// AVERAGE_POOL_2D or MAX_POOL_2D that has no activation yet and whose output has no other use.
#include "graph/rewriter.hpp"
#include "ops/rules.hpp"
#include "passes/clipping.hpp"
#include "passes/passes.hpp"

namespace burin {

namespace {

bool can_fuse(Op op) {
  switch (op) {
    case Op::kConv2d:
    case Op::kDepthwiseConv2d:
    case Op::kFullyConnected:
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kAveragePool2d:
    case Op::kMaxPool2d:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool fuse_activation(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    const Node& node = rewriter.node(id);
    const FusedActivation activation = fused_form(node.op);
    if (activation == FusedActivation::kNone || !is_float(rewriter.graph(), node.inputs[0])) continue;
    const NodeId before = rewriter.producer(node.inputs[0]);
    if (before == kNoId || rewriter.single_consumer(node.inputs[0]) != id) continue;
    if (!can_fuse(rewriter.node(before).op)) continue;
    FusedActivation& fused = *fused_activation(rewriter.node(before).attributes);
    if (fused != FusedActivation::kNone) continue;
    fused = activation;
    rewriter.absorb(before, id);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
