// constants -> node -> y        becomes        y (a constant)
//
// By the node's own reference evaluation, so that nothing changes in any bit. Results may be at most 1 MiB, or eight
// times the bytes they are made of (a DEQUANTIZE of float16 weights doubles them). Nodes with quantized tensors stay.
#include <algorithm>

#include "burin/error.hpp"
#include "graph/rewriter.hpp"
#include "ops/toolkit_operator.hpp"
#include "passes/passes.hpp"

namespace burin {

namespace {

constexpr int64_t kMaxBytes = 1 << 20;
constexpr int64_t kMaxGrowth = 8;

bool is_constant(Rewriter& rewriter, const Node& node) {
  return !node.inputs.empty() && std::ranges::all_of(node.inputs, [&](TensorId id) {
    return id == kNoId || (rewriter.tensor(id).constant != kNoId && !rewriter.tensor(id).quantization);
  });
}

// False where the result is too large or has no evaluation.
bool evaluate(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  Tensor& result = rewriter.tensor(node.outputs[0]);
  if (result.quantization) return false;
  std::vector<TensorView> inputs;
  std::vector<char> present;
  int64_t input_bytes = 0;
  for (const TensorId input : node.inputs) {
    present.push_back(input != kNoId);
    if (input == kNoId) {
      inputs.emplace_back();
      continue;
    }
    const Tensor& tensor = rewriter.tensor(input);
    const Constant& constant = rewriter.model().constant(tensor.constant);
    input_bytes += static_cast<int64_t>(constant.bytes.size());
    inputs.push_back({constant.bytes.data(), tensor.type, tensor.shape, nullptr});
  }
  const RuntimeOperator& row = any_operator(node.op);
  InferredTensor inferred{result.type, {}};
  const std::span<const bool> has_input(reinterpret_cast<const bool*>(present.data()), present.size());
  if (!row.infer({inputs, has_input, node.attributes}, std::span(&inferred, 1)).is_ok()) return false;
  const int64_t bytes = byte_size(inferred.type, inferred.shape);
  if (bytes < 0 || bytes > std::max(kMaxBytes, input_bytes * kMaxGrowth)) return false;
  auto values = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(bytes));
  const MutableTensorView view{values->data(), inferred.type, inferred.shape, nullptr};
  if (!row.evaluate({inputs, std::span(&view, 1), node.attributes, Arithmetic::kLitert}).is_ok()) return false;
  result.type = inferred.type;
  result.shape = inferred.shape;
  result.constant = rewriter.model().add_constant(*values, values);
  rewriter.remove_node(id);
  return true;
}

}  // namespace

bool fold_constants(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    if (is_constant(rewriter, rewriter.node(id)) && evaluate(rewriter, id)) changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
