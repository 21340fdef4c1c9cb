#include "passes/affine_folding.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "passes/weighted_layer.hpp"

namespace burin {

namespace {

FusedActivation activation_of(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation == nullptr ? FusedActivation::kNone : *activation;
}

// What the function maps to `value`, which padding added behind it.
std::optional<float> padding_before(const ChannelAffine& affine, float value) {
  if (value == 0.0f && !affine.has_offset()) return 0.0f;
  return affine.preimage(static_cast<double>(value));
}

// The float constant that PADV2 pads with, 0 for PAD.
std::optional<float> padding_value(Rewriter& rewriter, const Node& node) {
  if (node.op == Op::kPad) return 0.0f;
  const Tensor& value = rewriter.tensor(node.inputs[2]);
  if (value.constant == kNoId || value.type != ElementType::kFloat32 || value.shape.elements() != 1) return {};
  return rewriter.model().constant_values<float>(value.constant)[0];
}

bool pads_channels(Rewriter& rewriter, const Node& node) {
  const Tensor& paddings = rewriter.tensor(node.inputs[1]);
  if (paddings.constant == kNoId || paddings.type != ElementType::kInt32) return true;
  const std::vector<int32_t> amounts = rewriter.model().constant_values<int32_t>(paddings.constant);
  return amounts.size() < 2 || amounts[amounts.size() - 1] != 0 || amounts[amounts.size() - 2] != 0;
}

// The nodes between an affine function and the layer that could absorb it.
struct PathToLayer {
  NodeId layer = kNoId;
  std::vector<std::pair<NodeId, float>> paddings;  // PAD and PADV2, with what they pad once the function is gone
};

std::optional<PathToLayer> find_layer_after(Rewriter& rewriter, TensorId from, const ChannelAffine& affine) {
  PathToLayer path;
  while (true) {
    const NodeId next = rewriter.single_consumer(from);
    if (next == kNoId) return {};
    const Node& node = rewriter.node(next);
    if (node.inputs[0] != from) return {};
    if (is_weighted_layer(rewriter, next)) {
      path.layer = next;
      return path;
    }
    if (node.op == Op::kPad || node.op == Op::kPadV2) {
      const std::optional<float> value = padding_value(rewriter, node);
      if (!value) return {};
      const std::optional<float> before = padding_before(affine, *value);
      if (!before) return {};
      const int32_t channels = rewriter.tensor(from).shape.back();
      if (affine.size() > 1 && (channels % static_cast<int32_t>(affine.size()) != 0 || pads_channels(rewriter, node))) {
        return {};
      }
      path.paddings.emplace_back(next, *before);
    } else if (node.op != Op::kReshape) {
      return {};
    }
    from = node.outputs[0];
  }
}

void set_padding_value(Rewriter& rewriter, NodeId id, float value) {
  if (value == 0.0f && rewriter.node(id).op == Op::kPad) return;
  rewriter.node(id).op = Op::kPadV2;
  const std::string name = rewriter.tensor(rewriter.node(id).outputs[0]).name + "/value";
  rewriter.set_input(id, 2, rewriter.add_constant(name, {}, ElementType::kFloat32, Shape{}, std::vector<float>{value}));
}

}  // namespace

bool fold_into_layer_before(Rewriter& rewriter, NodeId id) {
  const std::optional<AffineNode> found = read_affine(rewriter, id);
  if (!found || !found->affine.is_finite()) return false;
  const NodeId layer = rewriter.producer(found->input);
  if (layer == kNoId || rewriter.single_consumer(found->input) != id) return false;
  if (!is_weighted_layer(rewriter, layer) || activation_of(rewriter.node(layer)) != FusedActivation::kNone)
    return false;
  if (!fold_into_outputs(rewriter, layer, found->affine)) return false;
  *fused_activation(rewriter.node(layer).attributes) = activation_of(rewriter.node(id));
  rewriter.absorb(layer, id);
  return true;
}

bool fold_into_layer_after(Rewriter& rewriter, NodeId id) {
  const std::optional<AffineNode> found = read_affine(rewriter, id);
  if (!found || !found->affine.is_finite() || activation_of(rewriter.node(id)) != FusedActivation::kNone) return false;
  ChannelAffine affine = found->affine;
  affine.simplify();
  const TensorId output = rewriter.node(id).outputs[0];
  const std::optional<PathToLayer> path = find_layer_after(rewriter, output, affine);
  if (!path) return false;
  // What the layer itself pads.
  SpatialPadding padding;
  std::optional<float> before;
  if (affine.has_offset()) {
    const std::optional<SpatialPadding> amounts = padding_of(rewriter, path->layer);
    if (!amounts) return false;
    padding = *amounts;
    before = padding_before(affine, 0.0f);
    if (!padding.is_zero() && !before) return false;
  }
  if (!fold_into_inputs(rewriter, path->layer, affine)) return false;
  for (const auto& [node, value] : path->paddings) set_padding_value(rewriter, node, value);
  rewriter.replace_uses(output, found->input);
  rewriter.remove_node(id);
  if (!padding.is_zero()) {
    const std::string name = origin_of(rewriter.graph(), rewriter.node(path->layer)) + "/padding";
    const TensorId padded = add_padding(rewriter, rewriter.node(path->layer).inputs[0], padding, *before, name);
    rewriter.set_input(path->layer, 0, padded);
    set_valid_padding(rewriter, path->layer);
  }
  return true;
}

bool fold_affine(Model& model, std::span<const Op> ops) {
  Rewriter rewriter(model);
  const auto is_candidate = [&](NodeId id) {
    return !rewriter.removed(id) && std::ranges::find(ops, rewriter.node(id).op) != ops.end();
  };
  bool changed = false;
  // In this order a chain of functions is folded whole.
  const auto count = static_cast<NodeId>(rewriter.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (is_candidate(id) && fold_into_layer_before(rewriter, id)) changed = true;
  }
  for (NodeId id = count; id-- > 0;) {
    if (is_candidate(id) && fold_into_layer_after(rewriter, id)) changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
