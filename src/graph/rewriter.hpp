// Edits one graph: passes collect changes, commit() brings the graph back to its invariants.
//
// Where a node takes over the work of the one behind it (a convolution that absorbs a batch normalization), it takes
// over that node's output tensor as well (`absorb`): consumers, graph outputs and signatures need no change, the tensor
// keeps the name of the last layer that was folded in and gets the origin of the node that does the work.
#pragma once

#include <vector>

#include "graph/model.hpp"

namespace burin {

class Rewriter {
 public:
  explicit Rewriter(Model& model, uint32_t graph = 0);

  Model& model() { return model_; }
  Graph& graph() { return model_.graphs[graph_]; }
  Node& node(NodeId id) { return graph().nodes[id]; }
  Tensor& tensor(TensorId id) { return graph().tensors[id]; }

  // Node ids stay valid until commit(); removed nodes are skipped by these.
  size_t node_count() const { return removed_.size(); }
  bool removed(NodeId node) const { return removed_[node]; }
  NodeId producer(TensorId tensor) const;                    // kNoId: input or constant
  std::span<const NodeId> consumers(TensorId tensor) const;  // one entry per use; valid until the next change
  bool is_graph_output(TensorId tensor) const;
  // The only consumer, when there is exactly one use and it is no graph output; else kNoId.
  NodeId single_consumer(TensorId tensor) const;

  TensorId add_tensor(Tensor tensor);
  // A new tensor like `like` (type, shape, origin) under another name.
  TensorId add_tensor_like(TensorId like, std::string name);
  // A constant tensor; `origin` empty: the name.
  template <typename T>
  TensorId add_constant(std::string name, std::string origin, ElementType type, Shape shape, std::vector<T> values) {
    return add_tensor({.name = name,
                       .origin = origin.empty() ? std::move(name) : std::move(origin),
                       .type = type,
                       .shape = shape,
                       .constant = model_.add_constant(std::move(values))});
  }
  NodeId add_node(Node node);  // anywhere: commit() sorts
  void remove_node(NodeId node);
  void set_input(NodeId node, size_t index, TensorId tensor);  // index may be one past the last input
  // Every use, graph outputs and signatures included.
  void replace_uses(TensorId from, TensorId to);
  // Removes `next`, whose output `node` makes from now on; the origin stays that of `node`.
  void absorb(NodeId node, NodeId next);

  // Sorts topologically (nodes keep their order, a new one stands before its first consumer), drops nodes whose outputs
  // nobody uses, drops unused tensors other than graph inputs, renumbers. Throws Error when there is a cycle.
  void commit();

 private:
  void index();
  void forget_use(TensorId tensor, NodeId node);
  std::vector<NodeId> sorted_nodes();

  Model& model_;
  uint32_t graph_;
  std::vector<bool> removed_;
  std::vector<NodeId> producers_;
  std::vector<std::vector<NodeId>> consumers_;
};

}  // namespace burin
