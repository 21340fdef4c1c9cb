#include <algorithm>
#include <cmath>
#include <map>

#include "burin/error.hpp"
#include "graph/verify.hpp"
#include "ops/requantize.hpp"
#include "ops/toolkit_operator.hpp"
#include "quantize/plan.hpp"
#include "quantize/weights.hpp"

namespace burin {

namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw Error(StatusCode::kInvalidArgument, place + ": " + what,
              "make the plan again from the model that it is applied to");
}

// int8 parameters, one scale: what an activation needs.
bool is_activation_quantization(const Quantization& quantization) {
  return quantization.axis == -1 && quantization.scales.size() == 1 && quantization.zero_points.size() == 1 &&
         quantization.scales[0] > 0.0f && std::isfinite(quantization.scales[0]) &&
         quantization.zero_points[0] >= -128 && quantization.zero_points[0] <= 127;
}

bool is_weight_quantization(const Quantization& quantization, const Shape& shape, int axis) {
  const size_t channels = axis < 0 ? 1 : static_cast<size_t>(shape[axis]);
  return quantization.axis == axis && quantization.scales.size() == channels &&
         quantization.zero_points.size() == channels &&
         std::ranges::all_of(quantization.scales, [](float s) { return s > 0.0f && std::isfinite(s); }) &&
         std::ranges::all_of(quantization.zero_points, [](int32_t z) { return z == 0; });
}

// Builds the quantized graph node by node. Each tensor of the float model may come to exist in several forms (float,
// the planned int8, int8 in other parameters); a form is made, with the QUANTIZE or DEQUANTIZE that it takes, when the
// first node asks for it.
class Applier {
 public:
  Applier(const Model& model, const QuantizationPlan& plan) : model_(model), source_(model.main()), plan_(plan) {
    result_.level = model.level;
    result_.name = model.name;
    result_.description = model.description;
    result_.labels = model.labels;
    result_.graphs.emplace_back();
  }

  Model run() {
    forms_.resize(source_.tensors.size());
    for (const TensorId id : source_.inputs) graph().inputs.push_back(add_graph_input(id));
    for (NodeId id = 0; id < source_.nodes.size(); ++id) add_node(id);
    std::vector<TensorId> outputs;
    for (const TensorId id : source_.outputs) outputs.push_back(graph_output(id));
    graph().outputs = outputs;
    for (Signature signature : model_.signatures) {
      for (auto& entry : signature.inputs) {
        entry.tensor = matching(source_.inputs, graph().inputs, entry.tensor);
      }
      for (auto& entry : signature.outputs) {
        entry.tensor = matching(source_.outputs, graph().outputs, entry.tensor);
      }
      result_.signatures.push_back(std::move(signature));
    }
    throw_if_error(verify(result_));
    return std::move(result_);
  }

 private:
  struct IntegerForm {
    Quantization quantization;
    TensorId tensor;
  };
  struct Forms {
    TensorId plain = kNoId;             // float32, or the type of a tensor that is never quantized
    std::vector<IntegerForm> integers;  // int8; the planned parameters come first where they exist
    TensorId interface = kNoId;         // what a graph output shows
  };

  Graph& graph() { return result_.main(); }
  const Tensor& source(TensorId id) const { return source_.tensors[id]; }
  bool is_float(TensorId id) const { return source(id).type == ElementType::kFloat32; }
  bool is_constant(TensorId id) const { return source(id).constant != kNoId; }
  // A float activation that becomes int8.
  bool is_planned(TensorId id) const {
    return is_float(id) && !is_constant(id) && plan_.tensors[id].type == ElementType::kInt8;
  }

  static TensorId matching(const std::vector<TensorId>& from, const std::vector<TensorId>& to, TensorId id) {
    const auto it = std::ranges::find(from, id);
    return it == from.end() ? kNoId : to[static_cast<size_t>(it - from.begin())];
  }

  TensorId add_tensor(TensorId like, ElementType type, std::optional<Quantization> quantization,
                      const char* suffix = "") {
    Tensor tensor = source(like);
    tensor.name += suffix;
    tensor.type = type;
    tensor.quantization = std::move(quantization);
    tensor.constant = kNoId;
    return graph().add_tensor(std::move(tensor));
  }

  template <typename T>
  TensorId add_constant(TensorId like, ElementType type, std::vector<T> values,
                        std::optional<Quantization> quantization, const char* suffix = "") {
    const TensorId id = add_tensor(like, type, std::move(quantization), suffix);
    graph().tensors[id].constant = result_.add_constant(std::move(values));
    return id;
  }

  const Quantization& planned(TensorId id) const {
    const TensorPlan& plan = plan_.tensors[id];
    if (!plan.quantization || !is_activation_quantization(*plan.quantization)) {
      refuse(origin_of(source(id)), "planned as int8 without one positive scale and a zero point in -128..127");
    }
    return *plan.quantization;
  }

  // The parameters of an int8 tensor as the graph's interface shows them.
  Quantization interface_quantization(TensorId id) const {
    Quantization quantization = planned(id);
    if (plan_.io_type == ElementType::kUInt8) quantization.zero_points[0] += 128;
    return quantization;
  }

  TensorId add_graph_input(TensorId id) {
    Forms& forms = forms_[id];
    if (is_planned(id) && plan_.io_type != ElementType::kFloat32) {
      const TensorId shown = add_tensor(id, plan_.io_type, interface_quantization(id));
      if (plan_.io_type == ElementType::kInt8) {
        forms.integers.push_back({planned(id), shown});
      } else {
        const TensorId codes = add_tensor(id, ElementType::kInt8, planned(id), "_int8");
        graph().add_node({Op::kQuantize, {shown}, {codes}, NoAttributes{}});
        forms.integers.push_back({planned(id), codes});
      }
      return shown;
    }
    return forms.plain = add_tensor(id, source(id).type, source(id).quantization);
  }

  TensorId graph_output(TensorId id) {
    if (!is_planned(id) || plan_.io_type == ElementType::kFloat32) return plain(id);
    if (plan_.io_type == ElementType::kInt8) return integer(id, planned(id));
    Forms& forms = forms_[id];
    if (forms.interface == kNoId) {
      const TensorId codes = integer(id, planned(id));
      const TensorId shown = add_tensor(id, plan_.io_type, interface_quantization(id), "_uint8");
      graph().add_node({Op::kQuantize, {codes}, {shown}, NoAttributes{}});
      forms_[id].interface = shown;
    }
    return forms_[id].interface;
  }

  // The tensor as it was: float, or a type that quantization leaves alone.
  TensorId plain(TensorId id) {
    Forms& forms = forms_[id];
    if (forms.plain != kNoId) return forms.plain;
    if (is_constant(id)) {
      const Constant& constant = model_.constant(source(id).constant);
      if (is_float(id) && plan_.tensors[id].type == ElementType::kFloat16) {
        const TensorId half = add_constant(id, ElementType::kFloat16, weight_halves(model_, id), std::nullopt);
        forms.plain = add_tensor(id, ElementType::kFloat32, std::nullopt, "_dequantized");
        graph().add_node({Op::kDequantize, {half}, {forms.plain}, NoAttributes{}});
      } else {
        forms.plain = add_tensor(id, source(id).type, source(id).quantization);
        graph().tensors[forms.plain].constant = result_.add_constant(constant.bytes, constant.keep_alive);
      }
      return forms.plain;
    }
    if (forms.integers.empty()) refuse(origin_of(source(id)), "used before it is computed");
    forms.plain = add_tensor(id, ElementType::kFloat32, std::nullopt, "_dequantized");
    graph().add_node({Op::kDequantize, {forms.integers[0].tensor}, {forms.plain}, NoAttributes{}});
    return forms.plain;
  }

  // The tensor as int8 in these parameters.
  TensorId integer(TensorId id, const Quantization& quantization) {
    Forms& forms = forms_[id];
    for (const IntegerForm& form : forms.integers) {
      if (form.quantization == quantization) return form.tensor;
    }
    TensorId made;
    if (is_constant(id)) {
      const auto values = model_.constant_values<float>(source(id).constant);
      std::vector<int8_t> codes(values.size());
      std::ranges::transform(values, codes.begin(), [&](float value) {
        return static_cast<int8_t>(
            quantize_value(value, quantization.scales[0], quantization.zero_points[0], code_range(ElementType::kInt8)));
      });
      made = add_constant(id, ElementType::kInt8, std::move(codes), quantization);
    } else {
      // From the float value where there is one, else from other codes.
      const bool first = forms.integers.empty();
      const TensorId from = first ? forms.plain : forms.integers[0].tensor;
      if (from == kNoId) refuse(origin_of(source(id)), "used before it is computed");
      made = add_tensor(id, ElementType::kInt8, quantization, first ? "_quantized" : "_requantized");
      graph().add_node({Op::kQuantize, {from}, {made}, NoAttributes{}});
    }
    forms_[id].integers.push_back({quantization, made});
    return made;
  }

  void add_node(NodeId id) {
    const Node& node = source_.nodes[id];
    const NodePlan& plan = plan_.nodes[id];
    const OperatorQuantization rule = toolkit_operator(node.op).quantization(model_, source_, node);
    check_weights(node, plan, rule);
    Node made{.op = node.op, .inputs = {}, .outputs = {}, .attributes = node.attributes};
    switch (plan.arithmetic) {
      case NodeArithmetic::kFloat:
        for (const TensorId input : node.inputs) made.inputs.push_back(input == kNoId ? kNoId : plain(input));
        break;
      case NodeArithmetic::kHybrid:
        made.inputs = {plain(node.inputs[0]), weights(node)};
        if (node.inputs.size() > 2) made.inputs.push_back(node.inputs[2] == kNoId ? kNoId : plain(node.inputs[2]));
        break;
      case NodeArithmetic::kInteger:
        made.inputs = integer_inputs(node, plan, rule);
        break;
    }
    const bool integer = plan.arithmetic == NodeArithmetic::kInteger;
    for (const TensorId output : node.outputs) {
      if (integer && is_float(output)) {
        if (!is_planned(output)) refuse(origin_of(source_, node), "an integer node with a float output");
        const TensorId codes = add_tensor(output, ElementType::kInt8, planned(output));
        forms_[output].integers.push_back({planned(output), codes});
        made.outputs.push_back(codes);
      } else {
        forms_[output].plain = add_tensor(output, source(output).type, source(output).quantization);
        made.outputs.push_back(forms_[output].plain);
      }
    }
    graph().add_node(std::move(made));
  }

  void check_weights(const Node& node, const NodePlan& plan, const OperatorQuantization& rule) const {
    const bool quantizes_weights =
        plan.arithmetic != NodeArithmetic::kFloat && rule.rule == QuantizationRule::kWeighted;
    if (plan.arithmetic == NodeArithmetic::kHybrid && !quantizes_weights) {
      refuse(origin_of(source_, node), "planned with quantized weights, but it has none");
    }
    if (rule.rule != QuantizationRule::kWeighted) return;
    const TensorPlan& weights = plan_.tensors[node.inputs[1]];
    const bool int4 = weights.type == ElementType::kInt4;
    if (quantizes_weights && (!weights.quantization || (!int4 && weights.type != ElementType::kInt8))) {
      refuse(origin_of(source_, node), "half quantized: its weights are not planned as int8 or int4");
    }
    if (quantizes_weights && int4 && !(rule.int4_weights && plan.arithmetic == NodeArithmetic::kInteger)) {
      refuse(origin_of(source_, node), "its weights cannot be int4");
    }
    if (quantizes_weights &&
        !is_weight_quantization(*weights.quantization, source(node.inputs[1]).shape, int4 ? 0 : rule.weight_axis)) {
      refuse(origin_of(source_, node), "its weights need one positive scale for each output channel and zero points 0");
    }
    const auto elements = static_cast<size_t>(source(node.inputs[1]).shape.elements());
    const int32_t largest = largest_weight_code(weights.type);
    const bool in_range = std::ranges::all_of(weights.codes, [&](int8_t code) { return std::abs(code) <= largest; });
    if (!weights.codes.empty() && (weights.codes.size() != elements || !in_range)) {
      refuse(origin_of(source_, node), "its weights do not have one code in -" + std::to_string(largest) + ".." +
                                           std::to_string(largest) + " for each value");
    }
  }

  TensorId weights(const Node& node) {
    const TensorId id = node.inputs[1];
    const auto [it, added] = weights_.try_emplace(id, kNoId);
    if (added) {
      const TensorPlan& plan = plan_.tensors[id];
      std::vector<int8_t> codes = weight_codes(model_, source(id), plan);
      it->second = plan.type == ElementType::kInt4 ? add_constant(id, plan.type, pack_int4(codes), plan.quantization)
                                                   : add_constant(id, plan.type, std::move(codes), plan.quantization);
    }
    return it->second;
  }

  std::vector<TensorId> integer_inputs(const Node& node, const NodePlan& plan, const OperatorQuantization& rule) {
    const std::string& place = origin_of(source_, node);
    if (rule.rule == QuantizationRule::kNone) refuse(place, "planned as integer, but it only computes in float");
    for (uint32_t i = 0; i < rule.data_inputs && i < node.inputs.size(); ++i) {
      const TensorId input = node.inputs[i];
      if (!is_float(input)) refuse(place, "planned as integer, but an input is not float");
      if (!is_constant(input) && !is_planned(input)) refuse(place, "half quantized: an input is not planned as int8");
    }
    const TensorId output = node.outputs[0];
    if (rule.rule == QuantizationRule::kFixedOutput && !(planned(output) == rule.fixed_output)) {
      refuse(place, "its output needs the operator's fixed scale and zero point");
    }
    const bool same = rule.rule == QuantizationRule::kSameAsInput || rule.rule == QuantizationRule::kSameForAll;
    std::vector<TensorId> inputs;
    for (uint32_t i = 0; i < node.inputs.size(); ++i) {
      const TensorId input = node.inputs[i];
      if (input == kNoId) {
        inputs.push_back(kNoId);
      } else if (rule.rule == QuantizationRule::kWeighted && i == 1) {
        inputs.push_back(weights(node));
      } else if (rule.rule == QuantizationRule::kWeighted && i == 2) {
        inputs.push_back(bias(node, plan, input));
      } else if (!is_float(input) || (i >= rule.data_inputs && !is_constant(input))) {
        inputs.push_back(plain(input));
      } else {
        inputs.push_back(integer(input, same ? planned(output) : planned(input)));
      }
    }
    if (rule.rule == QuantizationRule::kWeighted && node.inputs.size() == 2 && !plan.bias.empty()) {
      inputs.push_back(bias(node, plan, kNoId));
    }
    return inputs;
  }

  // The node's own int32 bias. `tensor` is kNoId where the float node had none and the plan adds one.
  TensorId bias(const Node& node, const NodePlan& plan, TensorId tensor) {
    const auto values = plan.bias.empty() ? model_.constant_values<float>(source(tensor).constant) : plan.bias;
    const Quantization quantization =
        bias_quantization(planned(node.inputs[0]).scales[0], *plan_.tensors[node.inputs[1]].quantization);
    const size_t channels = static_cast<size_t>(source(node.outputs[0]).shape.back());
    if (values.size() != channels)
      refuse(origin_of(source_, node), "its bias does not have one value for each channel");
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
      refuse(origin_of(source_, node), "its bias is not finite");
    }
    if (tensor != kNoId) {
      return add_constant(tensor, ElementType::kInt32, quantize_bias(values, quantization), quantization);
    }
    const TensorId made =
        add_constant(node.outputs[0], ElementType::kInt32, quantize_bias(values, quantization), quantization, "_bias");
    graph().tensors[made].shape = Shape{static_cast<int32_t>(channels)};
    return made;
  }

  const Model& model_;
  const Graph& source_;
  const QuantizationPlan& plan_;
  Model result_;
  std::vector<Forms> forms_;  // by TensorId of the float model
  std::map<TensorId, TensorId> weights_;
};

}  // namespace

Model apply(const Model& model, const QuantizationPlan& plan) {
  if (model.graphs.empty() || plan.tensors.size() != model.main().tensors.size() ||
      plan.nodes.size() != model.main().nodes.size() || plan.model_digest != digest(model)) {
    throw Error(StatusCode::kInvalidArgument, "the quantization plan was made for another revision of the model",
                "make the plan after the last pass");
  }
  if (plan.io_type != ElementType::kFloat32 && plan.io_type != ElementType::kInt8 &&
      plan.io_type != ElementType::kUInt8) {
    throw Error(StatusCode::kInvalidArgument, "inputs and outputs can be float32, int8 or uint8");
  }
  return Applier(model, plan).run();
}

}  // namespace burin
