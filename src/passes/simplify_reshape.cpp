// x -> RESHAPE (to a computed shape) -> y     becomes   x -> RESHAPE (constant, -1 for the one free dimension) -> y
// x [b,..] -> RESHAPE (to [b,..]) -> y        becomes   x -> RESHAPE (to [-1,..]) -> y       any batch may follow
// x -> RESHAPE -> RESHAPE (constant) -> y     becomes   x -> RESHAPE (constant) -> y
// x -> RESHAPE (to the shape of x) -> y       becomes   x
//
// SHAPE, STRIDED_SLICE, PACK that computed a shape go with it when nothing else uses them. Two free dimensions keep
// them.
#include <algorithm>

#include "graph/rewriter.hpp"
#include "ops/operator.hpp"
#include "passes/passes.hpp"

namespace burin {

namespace {

int64_t free_dimensions(const Shape& shape) { return std::ranges::count(shape.dims(), Shape::kFree); }

// Elements per index of the first dimension; -1 where it is not known.
int64_t elements_behind_first(const Shape& shape) {
  return shape.rank() == 0 ? -1 : Shape(shape.dims().subspan(1)).elements();
}

bool has_constant_shape(Rewriter& rewriter, const Node& node) {
  if (node.inputs.size() < 2 || node.inputs[1] == kNoId) return true;
  const Tensor& shape = rewriter.tensor(node.inputs[1]);
  return shape.constant != kNoId && shape.type == ElementType::kInt32;
}

std::vector<int32_t> constant_shape(Rewriter& rewriter, const Node& node) {
  if (node.inputs.size() < 2 || node.inputs[1] == kNoId) return get<ReshapeAttributes>(node.attributes).new_shape;
  return rewriter.model().constant_values<int32_t>(rewriter.tensor(node.inputs[1]).constant);
}

void set_shape(Rewriter& rewriter, NodeId id, const Shape& shape) {
  const std::vector<int32_t> values(shape.dims().begin(), shape.dims().end());
  const std::string name = rewriter.tensor(rewriter.node(id).outputs[0]).name + "/shape";
  rewriter.set_input(id, 1, rewriter.add_constant(name, {}, ElementType::kInt32, Shape{shape.rank()}, values));
  rewriter.node(id).attributes = ReshapeAttributes{};
}

bool use_constant_shape(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  const Shape& input = rewriter.tensor(node.inputs[0]).shape;
  Shape& output = rewriter.tensor(node.outputs[0]).shape;
  const bool is_constant = has_constant_shape(rewriter, node);
  // The same number of elements behind the first dimension: the first follows from the input's.
  if (output.rank() > 0 && elements_behind_first(output) > 0 &&
      elements_behind_first(output) == elements_behind_first(input)) {
    Shape target = output;
    target[0] = Shape::kFree;
    if (is_constant && std::ranges::equal(constant_shape(rewriter, node), target.dims())) return false;
    output[0] = input[0];
    set_shape(rewriter, id, target);
    return true;
  }
  if (is_constant || free_dimensions(output) > 1) return false;
  set_shape(rewriter, id, output);
  return true;
}

bool skip_reshape_before(Rewriter& rewriter, NodeId id) {
  const NodeId before = rewriter.producer(rewriter.node(id).inputs[0]);
  if (before == kNoId || rewriter.node(before).op != Op::kReshape) return false;
  if (!has_constant_shape(rewriter, rewriter.node(id))) return false;
  rewriter.set_input(id, 0, rewriter.node(before).inputs[0]);
  return true;
}

bool changes_nothing(Rewriter& rewriter, const Node& node) {
  const Tensor& input = rewriter.tensor(node.inputs[0]);
  const Tensor& output = rewriter.tensor(node.outputs[0]);
  return input.shape == output.shape && free_dimensions(input.shape) <= 1 && input.quantization == output.quantization;
}

}  // namespace

bool simplify_reshape(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    if (rewriter.node(id).op != Op::kReshape) continue;
    if (use_constant_shape(rewriter, id)) changed = true;
    if (skip_reshape_before(rewriter, id)) changed = true;
    if (!changes_nothing(rewriter, rewriter.node(id))) continue;
    rewriter.replace_uses(rewriter.node(id).outputs[0], rewriter.node(id).inputs[0]);
    rewriter.remove_node(id);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
