#include "graph/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

std::string text(bool value) { return value ? "true" : "false"; }
std::string text(int32_t value) { return fmt::format("{}", value); }
std::string text(float value) { return fmt::format("{}", value); }
std::string text(const std::string& value) { return value; }
std::string text(Padding value) { return value == Padding::kSame ? "same" : "valid"; }
std::string text(ElementType value) { return std::string(name(value)); }
std::string text(FusedActivation value) {
  switch (value) {
    case FusedActivation::kNone:
      break;
    case FusedActivation::kRelu:
      return "relu";
    case FusedActivation::kReluN1To1:
      return "relu_n1_to_1";
    case FusedActivation::kRelu6:
      return "relu6";
  }
  return "none";
}
template <typename T>
std::string text(const std::vector<T>& values) {
  constexpr size_t kShown = 8;
  std::string line = "[";
  for (size_t i = 0; i < std::min(values.size(), kShown); ++i) line += (i == 0 ? "" : ",") + text(values[i]);
  if (values.size() > kShown) line += fmt::format(",... {} values", values.size());
  return line + "]";
}

std::string text(const Quantization& quantization) {
  if (quantization.scales.size() == 1) {
    return fmt::format("scale {} zero point {}", quantization.scales[0], quantization.zero_points[0]);
  }
  const auto [low, high] = std::ranges::minmax(quantization.scales);
  return fmt::format("{} scales {}..{} axis {}", quantization.scales.size(), low, high, quantization.axis);
}

std::string type_and_shape(const Tensor& tensor) {
  std::string line = fmt::format("{} {}", name(tensor.type), to_string(tensor.shape));
  if (tensor.quantization) line += " (" + text(*tensor.quantization) + ")";
  return line;
}

std::string operand(const Model& model, const Graph& graph, TensorId id) {
  if (id == kNoId) return "-";
  const Tensor& tensor = graph.tensors[id];
  if (tensor.constant == kNoId) return tensor.name;
  return fmt::format("{}[{} {} B]", tensor.name, type_and_shape(tensor), model.constant(tensor.constant).bytes.size());
}

}  // namespace

std::string to_string(const Attributes& attributes) {
  return std::visit(
      [](const auto& actual) {
        // What differs from the default; the padding always.
        std::vector<std::string> defaults;
        const std::remove_cvref_t<decltype(actual)> usual{};
        usual.fields([&](const char*, const auto& value) { defaults.push_back(text(value)); });
        std::string line;
        size_t index = 0;
        actual.fields([&](const char* field, const auto& value) {
          const std::string shown = text(value);
          if (shown != defaults[index++] || std::string_view(field) == "padding") {
            line += fmt::format("{}{}={}", line.empty() ? "" : " ", field, shown);
          }
        });
        return line;
      },
      attributes);
}

std::string to_string(const Model& model) {
  std::string lines = fmt::format("model {} ({})\n", model.name.empty() ? "without a name" : model.name,
                                  model.level == Level::kSource ? "source" : "builtin");
  for (size_t index = 0; index < model.graphs.size(); ++index) {
    const Graph& graph = model.graphs[index];
    if (index > 0) lines += fmt::format("graph {}\n", index);
    for (const TensorId id : graph.inputs) {
      lines += fmt::format("  input  {}: {}\n", graph.tensors[id].name, type_and_shape(graph.tensors[id]));
    }
    for (const Node& node : graph.nodes) {
      lines += "  ";
      for (const TensorId id : node.outputs) lines += graph.tensors[id].name + " ";
      lines += fmt::format("= {}(", any_operator(node.op).name);
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        lines += (i == 0 ? "" : ", ") + operand(model, graph, node.inputs[i]);
      }
      lines += ")";
      if (const std::string attributes = to_string(node.attributes); !attributes.empty()) lines += " " + attributes;
      for (const TensorId id : node.outputs) lines += ": " + type_and_shape(graph.tensors[id]);
      lines += "\n";
    }
    for (const TensorId id : graph.outputs) lines += fmt::format("  output {}\n", operand(model, graph, id));
  }
  for (const Signature& signature : model.signatures) {
    lines += fmt::format("  signature {}:", signature.key);
    const auto append = [&](const std::vector<Signature::Entry>& entries) {
      for (const Signature::Entry& entry : entries) {
        lines += fmt::format(" {}={}", entry.name, model.graphs[signature.graph].tensors[entry.tensor].name);
      }
    };
    append(signature.inputs);
    lines += " ->";
    append(signature.outputs);
    lines += "\n";
  }
  return lines;
}

}  // namespace burin
