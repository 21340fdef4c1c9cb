#include "quantize/plan.hpp"

#include <algorithm>
#include <cmath>

#include "burin/error.hpp"
#include "ops/requantize.hpp"
#include "ops/toolkit_operator.hpp"
#include "quantize/weights.hpp"

namespace burin {

namespace {

constexpr int64_t kLeastFloat16Elements = 64;
constexpr int64_t kLeastHybridElements = 1024;

bool is_weights_of(const Model& model, const Node& node, TensorId tensor) {
  return node.inputs.size() > 1 && node.inputs[1] == tensor &&
         toolkit_operator(node.op).quantization(model, model.main(), node).rule == QuantizationRule::kWeighted;
}

}  // namespace

QuantizationPlan plan_unchanged(const Model& model) {
  if (model.level != Level::kBuiltin || model.graphs.size() != 1) {
    throw Error(StatusCode::kUnsupported, "only a lowered model of one graph can be quantized");
  }
  QuantizationPlan plan;
  plan.model_digest = digest(model);
  plan.tensors.resize(model.main().tensors.size());
  for (size_t i = 0; i < plan.tensors.size(); ++i) plan.tensors[i].type = model.main().tensors[i].type;
  plan.nodes.resize(model.main().nodes.size());
  return plan;
}

QuantizationPlan plan_float16(const Model& model) {
  QuantizationPlan plan = plan_unchanged(model);
  const Graph& graph = model.main();
  for (TensorId id = 0; id < graph.tensors.size(); ++id) {
    const Tensor& tensor = graph.tensors[id];
    if (tensor.constant == kNoId || tensor.type != ElementType::kFloat32) continue;
    // Vectors are mostly biases: rounding one shifts a whole channel, and they are small.
    if (tensor.shape.rank() < 2 || tensor.shape.elements() < kLeastFloat16Elements) continue;
    const auto values = model.constant_values<float>(tensor.constant);
    if (!std::ranges::all_of(values, [](float value) { return std::abs(value) <= kLargestHalf; })) continue;
    plan.tensors[id] = {.type = ElementType::kFloat16, .source = PlanSource::kWeights};
  }
  return plan;
}

QuantizationPlan plan_dynamic_range(const Model& model) {
  QuantizationPlan plan = plan_unchanged(model);
  const Graph& graph = model.main();
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.nodes[id];
    const OperatorQuantization rule = toolkit_operator(node.op).quantization(model, graph, node);
    if (rule.rule != QuantizationRule::kWeighted) continue;
    const TensorId weights = node.inputs[1];
    const Tensor& tensor = graph.tensors[weights];
    if (tensor.shape.elements() < kLeastHybridElements) continue;
    // A constant that somebody else uses as it is would have to be stored twice.
    const bool shared = std::ranges::any_of(graph.nodes, [&](const Node& other) {
      return std::ranges::find(other.inputs, weights) != other.inputs.end() && !is_weights_of(model, other, weights);
    });
    if (shared) continue;
    const auto values = model.constant_values<float>(tensor.constant);
    plan.tensors[weights] = {.type = ElementType::kInt8,
                             .quantization = symmetric_quantization(
                                 channel_magnitudes(values, tensor.shape, rule.weight_axis), rule.weight_axis),
                             .source = PlanSource::kWeights};
    plan.nodes[id].arithmetic = NodeArithmetic::kHybrid;
  }
  return plan;
}

std::vector<int8_t> weight_codes(const Model& model, const Tensor& weights, const TensorPlan& plan) {
  if (!plan.codes.empty()) return plan.codes;
  return quantize_symmetric(model.constant_values<float>(weights.constant), weights.shape, *plan.quantization,
                            plan.type);
}

std::vector<uint16_t> weight_halves(const Model& model, TensorId weights) {
  const Graph& graph = model.main();
  const Tensor& tensor = graph.tensors[weights];
  const auto values = model.constant_values<float>(tensor.constant);
  const bool depthwise_kernel = std::ranges::any_of(
      graph.nodes, [&](const Node& node) { return node.op == Op::kDepthwiseConv2d && node.inputs[1] == weights; });
  if (depthwise_kernel) return depthwise_kernel_to_half(values, static_cast<size_t>(tensor.shape.back()));
  std::vector<uint16_t> halves(values.size());
  std::ranges::transform(values, halves.begin(), float_to_half);
  return halves;
}

std::vector<FloatNode> float_nodes(const Model& model, const QuantizationPlan& plan) {
  const Graph& graph = model.main();
  std::vector<FloatNode> nodes;
  for (NodeId id = 0; id < graph.nodes.size() && id < plan.nodes.size(); ++id) {
    const Node& node = graph.nodes[id];
    const bool computes_floats = std::ranges::any_of(
        node.outputs, [&](TensorId output) { return graph.tensors[output].type == ElementType::kFloat32; });
    if (plan.nodes[id].arithmetic == NodeArithmetic::kFloat && computes_floats) {
      nodes.push_back({origin_of(graph, node), node.op});
    }
  }
  return nodes;
}

}  // namespace burin
