// Edits one graph: passes collect changes, commit() brings the graph back to its invariants.
#pragma once

#include <vector>

#include "graph/model.hpp"

namespace burin {

class Rewriter {
 public:
  explicit Rewriter(Model& model, uint32_t graph = 0);

  Model& model() { return model_; }
  Graph& graph() { return model_.graphs[graph_]; }

  // Node ids stay valid until commit(); removed nodes are skipped by these.
  size_t node_count() const;
  bool removed(NodeId node) const;
  NodeId producer(TensorId tensor) const;  // kNoId: input or constant
  std::span<const NodeId> consumers(TensorId tensor) const;  // one entry per use
  bool is_graph_output(TensorId tensor) const;
  // The only consumer, when there is exactly one use and it is no graph output; else kNoId.
  NodeId single_consumer(TensorId tensor) const;

  // A new tensor like `like` (type, shape, origin) under another name.
  TensorId add_tensor_like(TensorId like, std::string name);
  NodeId add_node(Node node);  // anywhere: commit() sorts
  void remove_node(NodeId node);
  void set_input(NodeId node, size_t index, TensorId tensor);
  // Every use, graph outputs and signatures included.
  void replace_uses(TensorId from, TensorId to);

  // Sorts topologically (stable), drops nodes whose outputs nobody uses, drops unused tensors, renumbers.
  void commit();

 private:
  void index();

  Model& model_;
  uint32_t graph_;
  std::vector<bool> removed_;
  std::vector<NodeId> producers_;
  std::vector<std::vector<NodeId>> consumers_;
};

}  // namespace burin
