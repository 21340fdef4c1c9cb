// x -> RELU -> RELU6 -> y           becomes        x -> RELU6 -> y
// conv (RELU6) -> RELU -> y         becomes        conv (RELU6) -> y
//
// Of two float activations that clip, one in the range of the other, the narrower is enough. The first stays where its
// output has another use, or where it is fused.
#include "graph/rewriter.hpp"
#include "ops/rules.hpp"
#include "passes/clipping.hpp"
#include "passes/passes.hpp"

namespace burin {

namespace {

// What `node` clips its output to, by itself or fused.
FusedActivation clips_to(const Node& node) {
  const FusedActivation* fused = fused_activation(node.attributes);
  return fused != nullptr ? *fused : fused_form(node.op);
}

bool is_within(FusedActivation inner, FusedActivation outer) {
  const FloatRange a = activation_range(inner), b = activation_range(outer);
  return a.min >= b.min && a.max <= b.max;
}

}  // namespace

bool merge_activations(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    const FusedActivation second = fused_form(rewriter.node(id).op);
    if (second == FusedActivation::kNone) continue;
    const TensorId between = rewriter.node(id).inputs[0];
    const NodeId before = rewriter.producer(between);
    if (before == kNoId || !is_float(rewriter.graph(), between)) continue;
    const FusedActivation first = clips_to(rewriter.node(before));
    if (first == FusedActivation::kNone) continue;
    if (is_within(first, second)) {
      rewriter.replace_uses(rewriter.node(id).outputs[0], between);
      rewriter.remove_node(id);
    } else if (is_within(second, first) && fused_form(rewriter.node(before).op) == first &&
               rewriter.single_consumer(between) == id) {
      rewriter.set_input(id, 0, rewriter.node(before).inputs[0]);
    } else {
      continue;
    }
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
