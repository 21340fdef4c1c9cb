#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "deploy/runtime_selection.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/file/output_file.hpp"
#include "formats/read_model.hpp"
#include "graph/print.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  std::string model;
  std::string selection;
};

// Adds what the model needs to the file, which other models may have begun.
void add_to_selection(const Model& model, const std::string& model_path, const std::string& path) {
  RuntimeSelection selection = runtime_selection(model);
  check_output_path(path, {model_path});
  if (std::filesystem::exists(path)) {
    const auto file = value_or_throw(MappedFile::open(path));
    const auto bytes = file->bytes();
    selection.merge(read_selection({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path));
  }
  const std::string text = write_selection(selection);
  OutputFile(path, std::as_bytes(std::span(text))).commit();
}

std::string_view format_name(SourceFormat format) {
  switch (format) {
    case SourceFormat::kKeras:
      return "keras";
    case SourceFormat::kKerasH5:
      return "keras_h5";
    case SourceFormat::kTflite:
      return "tflite";
  }
  return "";
}

nlohmann::ordered_json tensor_json(const Signature::Entry& entry, const Graph& graph) {
  const Tensor& tensor = graph.tensors[entry.tensor];
  nlohmann::ordered_json json{{"name", entry.name},
                              {"type", std::string(name(tensor.type))},
                              {"shape", std::vector<int32_t>(tensor.shape.dims().begin(), tensor.shape.dims().end())},
                              {"scale", nullptr},
                              {"zero_point", nullptr}};
  if (tensor.quantization && !tensor.quantization->per_channel()) {
    json["scale"] = tensor.quantization->scales[0];
    json["zero_point"] = tensor.quantization->zero_points[0];
  }
  return json;
}

// Layers of an int8 model that compute in float: those between a DEQUANTIZE and a QUANTIZE. Models without integer
// layers (float, float16 and dynamic-range files) have none.
std::vector<FloatLayer> float_layers(const Graph& graph) {
  const auto writes = [&](const Node& node, ElementType type) {
    return std::ranges::any_of(node.outputs, [&](TensorId id) { return graph.tensors[id].type == type; });
  };
  bool has_integer_layers = false;
  std::vector<FloatLayer> layers;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kQuantize || node.op == Op::kDequantize) continue;
    has_integer_layers = has_integer_layers || writes(node, ElementType::kInt8) || writes(node, ElementType::kUInt8);
    if (writes(node, ElementType::kFloat32)) {
      layers.push_back({origin_of(graph, node), std::string(any_operator(node.op).name)});
    }
  }
  return has_integer_layers ? layers : std::vector<FloatLayer>();
}

int run(const Options& options) {
  Console console(options.common, {options.model, options.selection});
  const SourceModel source = read_model(options.model);
  const Graph& graph = source.model.main();
  if (!options.selection.empty()) add_to_selection(source.model, options.model, options.selection);

  uint64_t constant_bytes = 0;
  for (ConstantId id = 0; id < source.model.constant_count(); ++id) {
    constant_bytes += source.model.constant(id).bytes.size();
  }
  int64_t multiply_accumulates = 0;
  std::map<std::string, int> operators;
  for (const Node& node : graph.nodes) {
    ++operators[std::string(any_operator(node.op).name)];
    const auto cost = is_source_only(node.op) ? nullptr : toolkit_operator(node.op).multiply_accumulates;
    if (cost != nullptr) multiply_accumulates += cost(graph, node);
  }

  const std::vector<FloatLayer> in_float = float_layers(graph);

  console.print(to_string(source.model));
  if (!in_float.empty()) console.print(float_layers_text(in_float));
  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"format", std::string(format_name(source.format))},
                              {"name", source.model.name},
                              {"description", source.model.description},
                              {"size_bytes", std::filesystem::file_size(options.model)},
                              {"constant_bytes", constant_bytes},
                              {"multiply_accumulates", multiply_accumulates},
                              {"inputs", nlohmann::ordered_json::array()},
                              {"outputs", nlohmann::ordered_json::array()},
                              {"operators", operators},
                              {"float_layers", float_layers_json(in_float)},
                              {"labels", source.model.labels}};
  if (!source.model.signatures.empty()) {
    for (const auto& entry : source.model.signatures[0].inputs) json["inputs"].push_back(tensor_json(entry, graph));
    for (const auto& entry : source.model.signatures[0].outputs) json["outputs"].push_back(tensor_json(entry, graph));
  }
  console.json(json);
  return 0;
}

}  // namespace

void add_inspect(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("inspect", "Show a model: inputs, outputs, layers, types and sizes");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or .tflite")->required();
  command
      ->add_option("--selection", options->selection,
                   "Add the operators and kernels that this .tflite needs to FILE, for a runtime library of its own: "
                   "cmake -DBURIN_SELECTION=FILE")
      ->type_name("FILE");
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin inspect model.keras\n"
               "  burin inspect model_int8.tflite --selection selection.hpp --quiet\n"
               "  burin inspect model_int8.tflite --json -");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
