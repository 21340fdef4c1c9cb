// x -> PAD (by nothing) -> y                          becomes    x
// x -> TRANSPOSE (p) -> TRANSPOSE (q) -> y            becomes    x -> TRANSPOSE (q of p) -> y
// x -> TRANSPOSE (every dimension in its place) -> y  becomes    x
#include <algorithm>
#include <optional>

#include "graph/rewriter.hpp"
#include "passes/passes.hpp"

namespace burin {

namespace {

// The int32 constant at input 1: paddings of PAD, permutation of TRANSPOSE.
std::optional<std::vector<int32_t>> constant_operand(Rewriter& rewriter, const Node& node) {
  const Tensor& tensor = rewriter.tensor(node.inputs[1]);
  if (tensor.constant == kNoId || tensor.type != ElementType::kInt32) return {};
  return rewriter.model().constant_values<int32_t>(tensor.constant);
}

// Merges the transposition before this one into it.
bool merge_transpose_before(Rewriter& rewriter, NodeId id, std::vector<int32_t>& permutation) {
  const NodeId before = rewriter.producer(rewriter.node(id).inputs[0]);
  if (before == kNoId || rewriter.node(before).op != Op::kTranspose) return false;
  const std::optional<std::vector<int32_t>> first = constant_operand(rewriter, rewriter.node(before));
  if (!first || first->size() != permutation.size()) return false;
  for (int32_t& dimension : permutation) dimension = (*first)[static_cast<size_t>(dimension)];
  const std::string name = rewriter.tensor(rewriter.node(id).outputs[0]).name + "/permutation";
  const Shape shape{static_cast<int32_t>(permutation.size())};
  rewriter.set_input(id, 0, rewriter.node(before).inputs[0]);
  rewriter.set_input(id, 1, rewriter.add_constant(name, {}, ElementType::kInt32, shape, permutation));
  return true;
}

}  // namespace

bool remove_no_ops(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    const Op op = rewriter.node(id).op;
    if (op != Op::kPad && op != Op::kPadV2 && op != Op::kTranspose) continue;
    std::optional<std::vector<int32_t>> operand = constant_operand(rewriter, rewriter.node(id));
    if (!operand) continue;
    bool removable;
    if (op == Op::kTranspose) {
      const auto rank = static_cast<int32_t>(operand->size());
      if (std::ranges::any_of(*operand, [&](int32_t axis) { return axis < 0 || axis >= rank; })) continue;
      if (merge_transpose_before(rewriter, id, *operand)) changed = true;
      removable = std::ranges::is_sorted(*operand);
    } else {
      removable = std::ranges::all_of(*operand, [](int32_t amount) { return amount == 0; });
    }
    const TensorId input = rewriter.node(id).inputs[0];
    const TensorId output = rewriter.node(id).outputs[0];
    if (!removable || rewriter.tensor(input).quantization != rewriter.tensor(output).quantization) continue;
    rewriter.replace_uses(output, input);
    rewriter.remove_node(id);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
