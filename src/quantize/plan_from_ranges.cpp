#include "quantize/plan_from_ranges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/toolkit_operator.hpp"
#include "quantize/weights.hpp"

namespace burin {

namespace {

// The codes 0..255 of a picture.
const Quantization kPixels{{1.0f}, {-128}};
// A padding value below this stands for minus infinity (before a maximum): it saturates instead of widening a range.
constexpr float kMinusInfinity = std::numeric_limits<float>::lowest() / 2;

// Sets of tensors with the same parameters.
class SharedParameters {
 public:
  SharedParameters(const Graph& graph) : parents_(graph.tensors.size()), fixed_(graph.tensors.size()) {
    std::iota(parents_.begin(), parents_.end(), 0u);
  }

  TensorId root(TensorId id) {
    while (parents_[id] != id) id = parents_[id] = parents_[parents_[id]];
    return id;
  }
  std::optional<Quantization>& fixed(TensorId id) { return fixed_[root(id)]; }

  // Leaves both as they are where one is fixed to other parameters.
  void merge(TensorId a, TensorId b) {
    a = root(a);
    b = root(b);
    if (a == b || fixed_[a] != fixed_[b]) return;
    parents_[std::max(a, b)] = std::min(a, b);
  }
  // `follower` takes over what `leader` has. The follower's parameters must not be fixed.
  void follow(TensorId leader, TensorId follower) {
    leader = root(leader);
    follower = root(follower);
    if (leader != follower) parents_[follower] = leader;
  }

 private:
  std::vector<TensorId> parents_;
  std::vector<std::optional<Quantization>> fixed_;
};

class Planner {
 public:
  Planner(const Model& model, const Calibration& calibration, ElementType io_type, ElementType weights)
      : model_(model),
        graph_(model.main()),
        calibration_(calibration),
        weights_(weights),
        plan_(plan_unchanged(model)),
        sets_(graph_),
        ranges_(graph_.tensors.size()),
        integer_(graph_.tensors.size()) {
    plan_.io_type = io_type;
    for (const Node& node : graph_.nodes) {
      rules_.push_back(toolkit_operator(node.op).quantization(model, graph_, node));
    }
  }

  QuantizationPlan run() {
    choose_integer_tensors();
    share_parameters();
    collect_ranges();
    fix_pixels();
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      if (integer_[id]) plan_tensor(id);
    }
    plan_weights();
    return std::move(plan_);
  }

 private:
  bool is_constant(TensorId id) const { return graph_.tensors[id].constant != kNoId; }
  bool is_float(TensorId id) const { return id != kNoId && graph_.tensors[id].type == ElementType::kFloat32; }

  // The inputs whose parameters the rule speaks of: leading data, and constants that are written in input 0's.
  std::vector<TensorId> data_inputs(NodeId id) const {
    const Node& node = graph_.nodes[id];
    std::vector<TensorId> inputs;
    for (uint32_t i = 0; i < node.inputs.size(); ++i) {
      const bool written_like_data = rules_[id].rule == QuantizationRule::kSameAsInput;
      if (is_float(node.inputs[i]) && (i < rules_[id].data_inputs || written_like_data)) {
        inputs.push_back(node.inputs[i]);
      }
    }
    return inputs;
  }

  void choose_integer_tensors() {
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (rules_[id].rule == QuantizationRule::kNone) continue;
      plan_.nodes[id].arithmetic = NodeArithmetic::kInteger;
      for (const TensorId input : data_inputs(id)) integer_[input] = true;
      for (const TensorId output : graph_.nodes[id].outputs) integer_[output] = is_float(output);
    }
    if (plan_.io_type == ElementType::kFloat32) return;
    for (const auto& interface : {graph_.inputs, graph_.outputs}) {
      for (const TensorId id : interface) integer_[id] = is_float(id) && !is_constant(id);
    }
  }

  void share_parameters() {
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (rules_[id].rule == QuantizationRule::kFixedOutput)
        sets_.fixed(graph_.nodes[id].outputs[0]) = rules_[id].fixed_output;
    }
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (rules_[id].rule != QuantizationRule::kSameAsInput) continue;
      for (const TensorId output : graph_.nodes[id].outputs) sets_.follow(graph_.nodes[id].inputs[0], output);
    }
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (rules_[id].rule != QuantizationRule::kSameForAll) continue;
      for (const TensorId input : data_inputs(id)) {
        // A constant is written once for each set of parameters that asks for it.
        if (!is_constant(input)) sets_.merge(graph_.nodes[id].outputs[0], input);
      }
    }
  }

  void collect_ranges() {
    const auto include = [&](TensorId set, const CalibratedRange& range) { ranges_[sets_.root(set)].include(range); };
    for (const TensorId id : graph_.inputs) include(id, calibration_.ranges[id]);
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      const Node& node = graph_.nodes[id];
      const bool repeats_input = rules_[id].rule == QuantizationRule::kSameAsInput;
      for (const TensorId output : node.outputs) {
        if (!repeats_input) include(output, calibration_.ranges[output]);
      }
      if (rules_[id].rule == QuantizationRule::kNone || rules_[id].rule == QuantizationRule::kWeighted) continue;
      const bool shares = repeats_input || rules_[id].rule == QuantizationRule::kSameForAll;
      for (const TensorId input : data_inputs(id)) {
        if (is_constant(input)) include(shares ? node.outputs[0] : input, constant_range(input));
      }
    }
  }

  CalibratedRange constant_range(TensorId id) const {
    CalibratedRange range;
    for (const float value : model_.constant_values<float>(graph_.tensors[id].constant)) {
      if (value > kMinusInfinity) range.include(value);
    }
    return range;
  }

  // Sets of nothing but pictures and what copies them keep the pictures' codes.
  void fix_pixels() {
    std::vector<bool> only_pixels(graph_.tensors.size(), true);  // by root
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      if (!calibration_.is_pixels[i]) only_pixels[sets_.root(graph_.inputs[i])] = false;
    }
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      const QuantizationRule rule = rules_[id].rule;
      if (rule == QuantizationRule::kSameAsInput || rule == QuantizationRule::kSameForAll) continue;
      for (const TensorId output : graph_.nodes[id].outputs) only_pixels[sets_.root(output)] = false;
    }
    for (const TensorId input : graph_.inputs) {
      const TensorId root = sets_.root(input);
      if (only_pixels[root] && ranges_[root].min >= 0.0f && ranges_[root].max <= 255.0f) sets_.fixed(input) = kPixels;
    }
  }

  void plan_tensor(TensorId id) {
    TensorPlan& tensor = plan_.tensors[id];
    tensor.type = ElementType::kInt8;
    const TensorId root = sets_.root(id);
    if (is_constant(id)) {
      tensor.quantization = asymmetric_quantization(ranges_[root]);
      tensor.source = PlanSource::kWeights;
    } else if (sets_.fixed(id)) {
      tensor.quantization = sets_.fixed(id);
      tensor.source = PlanSource::kFixed;
    } else {
      tensor.quantization = asymmetric_quantization(ranges_[root]);
      tensor.source = root == id ? PlanSource::kCalibrated : PlanSource::kShared;
    }
  }

  void plan_weights() {
    std::vector<NodeId> layers;
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (rules_[id].rule == QuantizationRule::kWeighted) layers.push_back(id);
    }
    // Several nodes may share one kernel: its type and floor suit all of them.
    std::vector<bool> int4(graph_.tensors.size(), weights_ == ElementType::kInt4);
    for (const NodeId id : layers) {
      if (!rules_[id].int4_weights || id == layers.front() || id == layers.back()) int4[weights_of(id)] = false;
    }
    const auto axis_of = [&](NodeId id) { return int4[weights_of(id)] ? 0 : rules_[id].weight_axis; };
    std::vector<std::vector<float>> floors(graph_.tensors.size());
    for (const NodeId id : layers) raise_floors(id, axis_of(id), floors[weights_of(id)]);
    for (const NodeId id : layers) {
      const TensorId weights = weights_of(id);
      const Tensor& tensor = graph_.tensors[weights];
      const auto values = model_.constant_values<float>(tensor.constant);
      const int axis = axis_of(id);
      const ElementType type = int4[weights] ? ElementType::kInt4 : ElementType::kInt8;
      plan_.tensors[weights] = {.type = type,
                                .quantization = symmetric_quantization(channel_magnitudes(values, tensor.shape, axis),
                                                                       axis, floors[weights], type),
                                .source = PlanSource::kWeights};
    }
  }

  TensorId weights_of(NodeId id) const { return graph_.nodes[id].inputs[1]; }

  void raise_floors(NodeId id, int weight_axis, std::vector<float>& floors) {
    const Node& node = graph_.nodes[id];
    const size_t channels = static_cast<size_t>(graph_.tensors[node.outputs[0]].shape.back());
    const float input_scale = plan_.tensors[node.inputs[0]].quantization->scales[0];
    const float output_scale = plan_.tensors[node.outputs[0]].quantization->scales[0];
    std::vector<float> bias(channels, 0.0f);
    if (node.inputs.size() > 2 && node.inputs[2] != kNoId) {
      bias = model_.constant_values<float>(graph_.tensors[node.inputs[2]].constant);
    }
    floors.resize(weight_axis < 0 ? 1 : channels, std::numeric_limits<float>::min());
    for (size_t c = 0; c < bias.size(); ++c) {
      float& floor = floors[floors.size() == 1 ? 0 : c];
      floor = std::max({floor, std::abs(bias[c]) / input_scale * 0x1p-29f, output_scale / input_scale * 0x1p-24f});
    }
  }

  const Model& model_;
  const Graph& graph_;
  const Calibration& calibration_;
  const ElementType weights_;
  QuantizationPlan plan_;
  SharedParameters sets_;
  std::vector<CalibratedRange> ranges_;      // by root of a set
  std::vector<bool> integer_;                // by TensorId
  std::vector<OperatorQuantization> rules_;  // by NodeId
};

}  // namespace

Quantization asymmetric_quantization(const CalibratedRange& range) {
  const double width = double{range.max} - double{range.min};
  const float scale = static_cast<float>(width / 255.0);
  if (!(scale >= std::numeric_limits<float>::min())) return {{1.0f}, {0}};
  const double zero = -128.0 - double{range.min} / static_cast<double>(scale);
  return {{scale}, {static_cast<int32_t>(std::clamp(std::round(zero), -128.0, 127.0))}};
}

QuantizationPlan plan_from_ranges(const Model& model, const Calibration& calibration, ElementType io_type,
                                  ElementType weights) {
  return Planner(model, calibration, io_type, weights).run();
}

}  // namespace burin
