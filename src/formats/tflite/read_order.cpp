#include "formats/tflite/read_order.hpp"

#include <algorithm>
#include <functional>

namespace burin {

namespace {

bool in_order(const Graph& graph, const std::vector<NodeId>& producers) {
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (const TensorId input : graph.nodes[id].inputs) {
      if (input != kNoId && producers[input] != kNoId && producers[input] >= id) return false;
    }
  }
  return true;
}

}  // namespace

Status sort_nodes(Graph& graph) {
  std::vector<NodeId> producers(graph.tensors.size(), kNoId);
  std::vector<bool> produced(graph.tensors.size(), false);
  for (const TensorId id : graph.inputs) produced[id] = true;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (const TensorId output : graph.nodes[id].outputs) {
      if (produced[output] || graph.tensors[output].constant != kNoId) {
        return Status(
            StatusCode::kInvalidModel,
            origin_of(graph.tensors[output]) + ": has two producers, the second is operator " + std::to_string(id));
      }
      produced[output] = true;
      producers[output] = id;
    }
  }
  if (in_order(graph, producers)) return {};

  // Kahn's algorithm; among the nodes that are ready the first of the file goes first.
  std::vector<std::vector<NodeId>> consumers(graph.nodes.size());
  std::vector<uint32_t> missing(graph.nodes.size(), 0);
  std::vector<NodeId> ready;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (const TensorId input : graph.nodes[id].inputs) {
      if (input == kNoId || producers[input] == kNoId) continue;
      consumers[producers[input]].push_back(id);
      ++missing[id];
    }
    if (missing[id] == 0) ready.push_back(id);
  }
  std::vector<Node> sorted;
  sorted.reserve(graph.nodes.size());
  std::ranges::make_heap(ready, std::greater());
  while (!ready.empty()) {
    std::ranges::pop_heap(ready, std::greater());
    const NodeId id = ready.back();
    ready.pop_back();
    sorted.push_back(graph.nodes[id]);
    for (const NodeId consumer : consumers[id]) {
      if (--missing[consumer] != 0) continue;
      ready.push_back(consumer);
      std::ranges::push_heap(ready, std::greater());
    }
  }
  if (sorted.size() != graph.nodes.size()) {
    const auto stuck = std::ranges::find_if(missing, [](uint32_t count) { return count != 0; });
    const Node& node = graph.nodes[static_cast<size_t>(stuck - missing.begin())];
    return Status(StatusCode::kInvalidModel, origin_of(graph, node) + " (operator " +
                                                 std::to_string(stuck - missing.begin()) +
                                                 "): the operators form a cycle");
  }
  graph.nodes = std::move(sorted);
  return {};
}

}  // namespace burin
