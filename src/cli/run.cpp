#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>

#include "burin/error.hpp"
#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "data/dataset.hpp"
#include "formats/file/output_file.hpp"
#include "formats/npz/npz.hpp"
#include "formats/read_model.hpp"
#include "measure/machine.hpp"
#include "measure/run_arrays.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  PictureOptions pictures;
  std::string model;
  std::string input;
  std::string output;
  std::string labels;
  bool raw = false;
  size_t top = 5;
  std::string arithmetic = "litert";
};

// A picture becomes one array; .npy and .npz are arrays already.
std::vector<NamedArray> read_inputs(const Options& options, const Model& model) {
  const std::string extension = std::filesystem::path(options.input).extension().string();
  if (extension == ".npz" || extension == ".npy") return read_arrays(options.input);
  const DataReader reader(options.model, model,
                          parse_preprocess(options.pictures.preprocess).value_or(Preprocess::kAuto),
                          parse_resize(options.pictures.resize).value_or(Resize::kPillowBilinear));
  return {{"input0", make_array(ElementType::kFloat32, sample_shape(model), reader.load_picture(options.input))}};
}

ArrayRun run_model(const Options& options, const Model& model, int threads) {
  const std::vector<NamedArray> arrays = read_inputs(options, model);
  try {
    return run_arrays(model, arrays, parse_arithmetic(options.arithmetic), threads);
  } catch (const Error& error) {
    // An argument is at fault where the arrays do not fit the model.
    throw Error(
        error.status().at(error.status().code() == StatusCode::kInvalidArgument ? options.input : options.model));
  }
}

// The best classes of one row of scores.
std::vector<size_t> best(std::span<const float> scores, size_t count) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(count, order.size()));
  return order;
}

// People read a few rows; all of them are in --output and --json.
constexpr size_t kShownRows = 10;

bool has_rows_of_scores(const Shape& shape) { return shape.rank() == 2 && shape[1] > 0; }

// For the outputs with as many scores as there are names.
std::vector<std::string> class_names(const Options& options, const Model& model, const ArrayRun& result) {
  if (options.labels.empty()) return model.labels;
  size_t classes = 0;
  for (const NamedArray& output : result.outputs) {
    if (classes == 0 && has_rows_of_scores(output.array.shape)) classes = static_cast<size_t>(output.array.shape[1]);
  }
  return read_labels(options.labels, classes);
}

int run(const Options& options) {
  Console console(options.common, {options.model, options.input, options.labels, options.output});
  if (!options.output.empty()) check_output_path(options.output, {options.model, options.input, options.labels});
  const SourceModel source = read_model(options.model);
  const int threads = options.common.threads > 0 ? options.common.threads : default_threads();
  const ArrayRun result = run_model(options, source.model, threads);
  const std::vector<std::string> labels = class_names(options, source.model, result);
  if (!options.output.empty()) {
    const std::vector<uint8_t> bytes = write_npz(options.raw ? result.raw_outputs : result.outputs);
    OutputFile file(options.output, std::as_bytes(std::span(bytes)));
    file.commit();
  }

  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"engine", engine_name()},
                              {"arithmetic", options.arithmetic},
                              {"threads", threads},
                              {"input", options.input},
                              {"output", nullptr},
                              {"outputs", nlohmann::ordered_json::array()}};
  if (!options.output.empty()) json["output"] = options.output;
  for (size_t k = 0; k < result.outputs.size(); ++k) {
    const Array& array = result.outputs[k].array;
    const std::vector<float> values = array.to_floats();
    const std::span<const float> scores(values);
    nlohmann::ordered_json object{
        {"name", result.output_names[k]},
        {"type", std::string(name(result.raw_outputs[k].array.type))},
        {"shape", std::vector<int32_t>(array.shape.dims().begin(), array.shape.dims().end())}};
    console.print(fmt::format("{}: {} {}", result.output_names[k], name(result.raw_outputs[k].array.type),
                              to_string(array.shape)));
    // Rows of scores: rank 2. Anything else is shown by its shape alone.
    if (has_rows_of_scores(array.shape)) {
      const auto classes = static_cast<size_t>(array.shape[1]);
      object["top"] = nlohmann::ordered_json::array();
      Table table({{"Row"}, {"Class", Align::kLeft}, {"Score"}});
      for (size_t row = 0; row * classes < scores.size(); ++row) {
        nlohmann::ordered_json top = nlohmann::ordered_json::array();
        for (const size_t index : best(scores.subspan(row * classes, classes), options.top)) {
          const float score = scores[row * classes + index];
          const std::string label = labels.size() == classes ? labels[index] : std::to_string(index);
          if (row < kShownRows) table.add_row({std::to_string(row), label, fmt::format("{:.6g}", score)});
          top.push_back({{"index", index}, {"label", label}, {"score", number_or_null(score)}});
        }
        object["top"].push_back(std::move(top));
      }
      if (options.top > 0) console.print(table.to_string());
      const size_t rows = scores.size() / classes;
      if (options.top > 0 && rows > kShownRows) {
        console.print(
            fmt::format("... and {} more rows: --output FILE.npz or --json FILE has them", rows - kShownRows));
      }
    }
    json["outputs"].push_back(std::move(object));
  }
  console.json(json);
  return 0;
}

}  // namespace

void add_run(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("run", "Run a model on arrays or on a picture");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or .tflite")->required();
  command
      ->add_option("--input", options->input,
                   "A picture, an .npy, or an .npz whose arrays are named as the inputs or input0, input1, ...")
      ->required()
      ->type_name("FILE");
  command->add_option("--output", options->output, "Write output0, output1, ... to an .npz")->type_name("FILE.npz");
  command->add_flag("--raw", options->raw, "Write outputs in the tensors' own types, not as float");
  command->add_option("--top", options->top, "Classes to show (default 5)")->check(whole_number())->type_name("N");
  command->add_option("--labels", options->labels, "Class names, one a line (default: those in the model)")
      ->type_name("FILE");
  add_arithmetic_option(*command, options->arithmetic);
  add_picture_options(*command, options->pictures);
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin run model.keras --input picture.jpg --labels labels.txt\n"
               "  burin run model_int8.tflite --input x.npz --output y.npz --raw");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
