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
  std::string model;
  std::string data;
  std::string reference;
  std::string split;
  std::string arithmetic = "litert";
};

std::string class_table(const Accuracy& accuracy, const std::vector<std::string>& names) {
  Table table(
      {{"Class", Align::kLeft}, {"Pictures"}, {"Precision"}, {"Recall"}, {"Most often taken for", Align::kLeft}});
  for (size_t i = 0; i < accuracy.classes.size(); ++i) {
    const ClassFigures& figures = accuracy.classes[i];
    size_t worst = i;
    for (size_t j = 0; j < accuracy.classes.size(); ++j) {
      if (j != i && accuracy.confusion[i][j] > (worst == i ? 0 : accuracy.confusion[i][worst])) worst = j;
    }
    const auto name = [&](size_t index) { return index < names.size() ? names[index] : std::to_string(index); };
    table.add_row({name(i), std::to_string(figures.samples), share_text(figures.precision()),
                   share_text(figures.recall()),
                   worst == i ? "" : fmt::format("{} ({})", name(worst), accuracy.confusion[i][worst])});
  }
  return table.to_string();
}

int run(const Options& options) {
  Console console(options.common, {options.model, options.data, options.reference});
  const int threads = options.common.threads > 0 ? options.common.threads : default_threads();
  std::vector<std::string> models{options.model};
  if (!options.reference.empty()) models.insert(models.begin(), options.reference);
  const ModelEvaluation result = evaluate_models(models, options.data, options.split, options.pictures,
                                                 parse_arithmetic(options.arithmetic), threads, console.progress());
  const Evaluation& evaluation = result.evaluations.back();
  for (const std::string& warning : result.warnings) console.warn(warning);

  if (evaluation.accuracy) {
    if (evaluation.accuracy->classes.size() <= kMostClassesShown) {
      console.print(class_table(*evaluation.accuracy, result.class_names) + "\n");
    }
    console.print(fmt::format("accuracy {:.4f}, top-5 {:.4f} on {} samples ({})", evaluation.accuracy->top1,
                              evaluation.accuracy->top5, evaluation.samples, result.split));
  } else {
    console.print(fmt::format("{} samples ({})", evaluation.samples, result.split));
  }
  if (!options.reference.empty()) console.print(against_text(evaluation.against_reference, options.reference));

  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"reference", nullptr},
                              {"engine", engine_name()},
                              {"arithmetic", options.arithmetic},
                              {"threads", threads},
                              {"cpu", cpu_name()},
                              {"size_bytes", std::filesystem::file_size(options.model)},
                              {"data", options.data},
                              {"split", result.split},
                              {"preprocess", nullptr},
                              {"samples", evaluation.samples}};
  if (!result.preprocess.empty()) json["preprocess"] = result.preprocess;
  add_accuracy(json, evaluation);
  if (!options.reference.empty()) {
    json["reference"] = options.reference;
    add_against_reference(json, evaluation.against_reference);
  }
  if (evaluation.accuracy) add_classes(json, *evaluation.accuracy, result.class_names);
  console.json(json);
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("evaluate", "Measure a model's accuracy on labelled data");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or .tflite")->required();
  command->add_option("--data", options->data, "A folder of class folders (or of train, val, test), or an .npz (x, y)")
      ->required()
      ->type_name("DIR");
  command->add_option("--reference", options->reference, "The float model: adds agreement, drop and its interval")
      ->type_name("MODEL");
  add_split_option(*command, options->split);
  add_arithmetic_option(*command, options->arithmetic);
  add_picture_options(*command, options->pictures);
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin evaluate model.keras --data data\n"
               "  burin evaluate model_int8.tflite --data data/test --reference model.keras --json result.json");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
