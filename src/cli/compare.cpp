#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "measure/evaluate_model.hpp"
#include "measure/machine.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  PictureOptions pictures;
  std::string model_a;
  std::string model_b;
  std::string data;
  std::string split;
  std::string arithmetic = "litert";
};

int run(const Options& options) {
  Console console(options.common, {options.model_a, options.model_b, options.data});
  const int threads = options.common.threads > 0 ? options.common.threads : default_threads();
  const std::vector<std::string> models{options.model_a, options.model_b};
  const ModelEvaluation result = evaluate_models(models, options.data, options.split, options.pictures,
                                                 parse_arithmetic(options.arithmetic), threads, console.progress());
  for (const std::string& warning : result.warnings) console.warn(warning);

  Table table({{"Model", Align::kLeft}, {"Size (MB)"}, {"Accuracy"}, {"Top-5"}});
  nlohmann::ordered_json sides = nlohmann::ordered_json::array();
  for (size_t i = 0; i < models.size(); ++i) {
    const Evaluation& evaluation = result.evaluations[i];
    const auto size = std::filesystem::file_size(models[i]);
    std::optional<double> top1, top5;
    if (evaluation.accuracy) {
      top1 = evaluation.accuracy->top1;
      top5 = evaluation.accuracy->top5;
    }
    table.add_row(
        {models[i], fmt::format("{:.3f}", static_cast<double>(size) / 1e6), share_text(top1), share_text(top5)});
    nlohmann::ordered_json side{{"model", models[i]}, {"size_bytes", size}};
    add_accuracy(side, evaluation);
    sides.push_back(side);
  }
  console.print(table.to_string());
  const Evaluation& second = result.evaluations[1];
  console.print(fmt::format("\n{} samples ({}): {}", second.samples, result.split,
                            against_text(second.against_reference, options.model_a)));

  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"engine", engine_name()},
                              {"arithmetic", options.arithmetic},
                              {"threads", threads},
                              {"cpu", cpu_name()},
                              {"data", options.data},
                              {"split", result.split},
                              {"samples", second.samples},
                              {"models", sides}};
  add_against_reference(json, second.against_reference);
  console.json(json);
  return 0;
}

}  // namespace

void add_compare(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("compare", "Compare two models on the same data");
  command->add_option("model_a", options->model_a, "The reference, usually the float model")->required();
  command->add_option("model_b", options->model_b, "The other model")->required();
  command->add_option("--data", options->data, "A folder of class folders (or of train, val, test), or an .npz (x, y)")
      ->required()
      ->type_name("DIR");
  add_split_option(*command, options->split);
  add_arithmetic_option(*command, options->arithmetic);
  add_picture_options(*command, options->pictures);
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin compare model.keras model_int8.tflite --data data\n"
               "  burin compare model_fp32.tflite model_int8.tflite --data data --split val --json -");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
