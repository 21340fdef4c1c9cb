#include "quantize/sub_model.hpp"

namespace burin {

SubModel extract(const Model& model, const QuantizationPlan& plan, NodeId first, std::span<const TensorId> outputs,
                 std::span<const Shape> shapes) {
  const Graph& graph = model.main();
  std::vector<bool> needed(graph.tensors.size());
  for (const TensorId output : outputs) needed[output] = true;
  std::vector<NodeId> nodes;  // last first
  for (auto id = static_cast<NodeId>(graph.nodes.size()); id-- > first;) {
    const Node& node = graph.nodes[id];
    bool computes_needed = false;
    for (const TensorId output : node.outputs) computes_needed = computes_needed || needed[output];
    if (!computes_needed) continue;
    nodes.push_back(id);
    for (const TensorId input : node.inputs) {
      if (input != kNoId) needed[input] = true;
    }
    for (const TensorId output : node.outputs) needed[output] = true;
  }

  SubModel part;
  part.model.graphs.emplace_back();
  Graph& small = part.model.main();
  part.tensor_in_part.assign(graph.tensors.size(), kNoId);
  part.node_in_part.assign(graph.nodes.size(), kNoId);
  part.plan.io_type = ElementType::kInt8;
  std::vector<bool> computed(graph.tensors.size());
  for (const NodeId id : nodes) {
    for (const TensorId output : graph.nodes[id].outputs) computed[output] = true;
  }
  for (TensorId id = 0; id < graph.tensors.size(); ++id) {
    if (!needed[id]) continue;
    Tensor tensor = graph.tensors[id];
    if (tensor.constant != kNoId) {
      const Constant& constant = model.constant(tensor.constant);
      tensor.constant = part.model.add_constant(constant.bytes, constant.keep_alive);
    } else {
      tensor.shape = shapes[id];
    }
    const bool is_input = tensor.constant == kNoId && !computed[id];
    part.tensor_in_part[id] = small.add_tensor(std::move(tensor));
    part.plan.tensors.push_back(plan.tensors[id]);
    if (is_input) {
      part.inputs.push_back(id);
      small.inputs.push_back(part.tensor_in_part[id]);
    }
  }
  for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
    Node node = graph.nodes[*it];
    for (TensorId& input : node.inputs) input = input == kNoId ? kNoId : part.tensor_in_part[input];
    for (TensorId& output : node.outputs) output = part.tensor_in_part[output];
    part.node_in_part[*it] = small.add_node(std::move(node));
    part.plan.nodes.push_back(plan.nodes[*it]);
  }
  for (const TensorId output : outputs) small.outputs.push_back(part.tensor_in_part[output]);
  return part;
}

}  // namespace burin
