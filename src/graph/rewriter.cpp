#include "graph/rewriter.hpp"

#include <algorithm>

#include "burin/error.hpp"

namespace burin {

Rewriter::Rewriter(Model& model, uint32_t graph) : model_(model), graph_(graph) { index(); }

void Rewriter::index() {
  removed_.assign(graph().nodes.size(), false);
  producers_.assign(graph().tensors.size(), kNoId);
  consumers_.assign(graph().tensors.size(), {});
  for (NodeId id = 0; id < graph().nodes.size(); ++id) {
    for (const TensorId input : graph().nodes[id].inputs) {
      if (input != kNoId) consumers_[input].push_back(id);
    }
    for (const TensorId output : graph().nodes[id].outputs) producers_[output] = id;
  }
}

NodeId Rewriter::producer(TensorId tensor) const { return producers_[tensor]; }

std::span<const NodeId> Rewriter::consumers(TensorId tensor) const { return consumers_[tensor]; }

bool Rewriter::is_graph_output(TensorId tensor) const {
  return std::ranges::find(model_.graphs[graph_].outputs, tensor) != model_.graphs[graph_].outputs.end();
}

NodeId Rewriter::single_consumer(TensorId tensor) const {
  return consumers_[tensor].size() == 1 && !is_graph_output(tensor) ? consumers_[tensor][0] : kNoId;
}

TensorId Rewriter::add_tensor(Tensor tensor) {
  producers_.push_back(kNoId);
  consumers_.emplace_back();
  return graph().add_tensor(std::move(tensor));
}

TensorId Rewriter::add_tensor_like(TensorId like, std::string name) {
  const Tensor& model = tensor(like);
  return add_tensor({.name = std::move(name), .origin = model.origin, .type = model.type, .shape = model.shape});
}

NodeId Rewriter::add_node(Node node) {
  const auto id = static_cast<NodeId>(removed_.size());
  for (const TensorId input : node.inputs) {
    if (input != kNoId) consumers_[input].push_back(id);
  }
  for (const TensorId output : node.outputs) producers_[output] = id;
  removed_.push_back(false);
  return graph().add_node(std::move(node));
}

void Rewriter::forget_use(TensorId tensor, NodeId node) {
  if (tensor == kNoId) return;
  const auto use = std::ranges::find(consumers_[tensor], node);
  if (use != consumers_[tensor].end()) consumers_[tensor].erase(use);
}

void Rewriter::remove_node(NodeId id) {
  if (removed_[id]) return;
  removed_[id] = true;
  for (const TensorId input : node(id).inputs) forget_use(input, id);
  for (const TensorId output : node(id).outputs) {
    if (producers_[output] == id) producers_[output] = kNoId;
  }
}

void Rewriter::set_input(NodeId id, size_t index, TensorId tensor) {
  std::vector<TensorId>& inputs = node(id).inputs;
  if (index == inputs.size()) inputs.push_back(kNoId);
  forget_use(inputs[index], id);
  inputs[index] = tensor;
  if (tensor != kNoId) consumers_[tensor].push_back(id);
}

void Rewriter::replace_uses(TensorId from, TensorId to) {
  if (from == to) return;
  for (const NodeId id : consumers_[from]) {
    std::ranges::replace(node(id).inputs, from, to);
    consumers_[to].push_back(id);
  }
  consumers_[from].clear();
  std::ranges::replace(graph().outputs, from, to);
  for (Signature& signature : model_.signatures) {
    if (signature.graph != graph_) continue;
    for (Signature::Entry& entry : signature.outputs) {
      if (entry.tensor == from) entry.tensor = to;
    }
  }
}

void Rewriter::absorb(NodeId id, NodeId next) {
  const TensorId before = node(id).outputs[0];
  const TensorId after = node(next).outputs[0];
  remove_node(next);
  tensor(after).origin = origin_of(tensor(before));
  node(id).outputs[0] = after;
  producers_[before] = kNoId;
  producers_[after] = id;
}

std::vector<NodeId> Rewriter::sorted_nodes() {
  enum class State : uint8_t { kUnused, kNeeded, kOpen, kPlaced };
  std::vector<State> states(removed_.size(), State::kUnused);
  // What the graph outputs need.
  std::vector<NodeId> stack;
  const auto need = [&](TensorId tensor) {
    if (tensor == kNoId) return;
    const NodeId id = producers_[tensor];
    if (id == kNoId || states[id] != State::kUnused) return;
    states[id] = State::kNeeded;
    stack.push_back(id);
  };
  for (const TensorId output : graph().outputs) need(output);
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    for (const TensorId input : node(id).inputs) need(input);
  }
  // Each in its old place, after those that it needs.
  std::vector<NodeId> order;
  for (NodeId first = 0; first < states.size(); ++first) {
    if (states[first] != State::kNeeded) continue;
    stack.push_back(first);
    while (!stack.empty()) {
      const NodeId id = stack.back();
      if (states[id] == State::kPlaced) {
        stack.pop_back();
        continue;
      }
      states[id] = State::kOpen;
      const size_t open = stack.size();
      for (auto input = node(id).inputs.rbegin(); input != node(id).inputs.rend(); ++input) {
        const NodeId before = *input == kNoId ? kNoId : producers_[*input];
        if (before == kNoId || states[before] == State::kPlaced) continue;
        if (states[before] == State::kOpen) {
          throw Error(StatusCode::kInvalidModel, origin_of(graph(), node(id)) + ": needs its own output");
        }
        stack.push_back(before);
      }
      if (stack.size() > open) continue;
      states[id] = State::kPlaced;
      order.push_back(id);
      stack.pop_back();
    }
  }
  return order;
}

void Rewriter::commit() {
  std::vector<Node> nodes;
  std::vector<bool> used(graph().tensors.size(), false);
  for (const NodeId id : sorted_nodes()) {
    for (const TensorId input : node(id).inputs) {
      if (input != kNoId) used[input] = true;
    }
    for (const TensorId output : node(id).outputs) used[output] = true;
    nodes.push_back(std::move(node(id)));
  }
  for (const TensorId id : graph().inputs) used[id] = true;
  for (const TensorId id : graph().outputs) used[id] = true;

  std::vector<Tensor> tensors;
  std::vector<TensorId> renumbered(used.size(), kNoId);
  for (TensorId id = 0; id < used.size(); ++id) {
    if (!used[id]) continue;
    renumbered[id] = static_cast<TensorId>(tensors.size());
    tensors.push_back(std::move(tensor(id)));
  }
  const auto renumber = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (id != kNoId) id = renumbered[id];
    }
  };
  for (Node& node : nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
  renumber(graph().inputs);
  renumber(graph().outputs);
  for (Signature& signature : model_.signatures) {
    if (signature.graph != graph_) continue;
    for (Signature::Entry& entry : signature.inputs) entry.tensor = renumbered[entry.tensor];
    for (Signature::Entry& entry : signature.outputs) entry.tensor = renumbered[entry.tensor];
  }
  graph().nodes = std::move(nodes);
  graph().tensors = std::move(tensors);
  index();
}

}  // namespace burin
