#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "measure/machine.hpp"
#include "optimize/choose.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  OptimizeOptions optimize;
  std::string model;
  bool no_verify = false;
};

std::string memory_text(const VariantFigures& figures) {
  return figures.peak_memory_bytes ? fmt::format("{:.1f}", static_cast<double>(*figures.peak_memory_bytes) / 0x1p20)
                                   : "-";
}

std::string summary_table(const OptimizeResult& result) {
  const bool with_data = result.test_samples > 0;
  std::vector<Table::Column> columns{{"Model Type", Align::kLeft}, {"Size (MB)"}};
  if (result.labeled) {
    columns.push_back({"Accuracy"});
  } else {
    if (with_data) columns.push_back({"Agreement"});
    columns.push_back({"SNR (dB)"});
  }
  columns.insert(columns.end(), {{"Latency (ms)"}, {"Peak Memory (MiB)"}, {"Size Reduction"}, {"Note", Align::kLeft}});
  Table table(std::move(columns));
  const auto add = [&](const VariantFigures& figures, const std::string& title, bool original) {
    std::vector<std::string> row{title, fmt::format("{:.3f}", static_cast<double>(figures.size_bytes) / 1e6)};
    if (result.labeled) {
      row.push_back(share_text(figures.accuracy));
    } else {
      if (with_data) row.push_back(share_text(figures.agreement));
      row.push_back(original || !figures.snr_db      ? "-"
                    : std::isfinite(*figures.snr_db) ? fmt::format("{:.1f}", *figures.snr_db)
                                                     : "equal");
    }
    row.push_back(fmt::format("{:.2f}", figures.median_ms));
    row.push_back(memory_text(figures));
    const double reduction =
        1.0 - static_cast<double>(figures.size_bytes) / static_cast<double>(result.original.size_bytes);
    row.push_back(original ? "-" : fmt::format("{:.1f} %", reduction * 100.0));
    row.push_back(figures.note);
    table.add_row(std::move(row));
  };
  add(result.original, result.original.name == "tflite" ? "Original TFLite" : "Original Keras", true);
  for (const VariantFigures& variant : result.variants) add(variant, display_name(variant.name), false);
  return table.to_string();
}

nlohmann::ordered_json to_json(const VariantFigures& figures) {
  nlohmann::ordered_json json{{"name", figures.name},
                              {"path", figures.path},
                              {"size_bytes", figures.size_bytes},
                              {"accuracy", number_or_null(figures.accuracy)},
                              {"top5_accuracy", number_or_null(figures.top5_accuracy)},
                              {"val_accuracy", number_or_null(figures.val_accuracy)},
                              {"drop", number_or_null(figures.drop)},
                              {"drop_ci95", nullptr},
                              {"val_drop", number_or_null(figures.val_drop)},
                              {"agreement", number_or_null(figures.agreement)},
                              {"val_agreement", number_or_null(figures.val_agreement)},
                              {"snr_db", number_or_null(figures.snr_db)},
                              {"median_ms", figures.median_ms},
                              {"p90_ms", figures.p90_ms},
                              {"load_ms", figures.load_ms},
                              {"peak_memory_bytes", nullptr}};
  if (figures.drop_low) json["drop_ci95"] = {*figures.drop_low, *figures.drop_high};
  if (figures.peak_memory_bytes) json["peak_memory_bytes"] = *figures.peak_memory_bytes;
  return json;
}

nlohmann::ordered_json to_json(const OptimizeResult& result, const Options& options, int threads) {
  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"engine", engine_name()},
                              {"threads", threads},
                              {"latency_threads", 1},
                              {"cpu", cpu_name()},
                              {"objective", options.optimize.objective},
                              {"fallback", options.optimize.fallback},
                              {"max_accuracy_drop", nullptr},
                              {"min_accuracy", number_or_null(options.optimize.min_accuracy)},
                              {"labeled", result.labeled},
                              {"calibration_samples", result.calibration_samples},
                              {"val_samples", result.val_samples},
                              {"test_samples", result.test_samples},
                              {"preprocess", nullptr},
                              {"original", to_json(result.original)},
                              {"variants", nlohmann::ordered_json::array()},
                              {"left_out", nlohmann::ordered_json::array()},
                              {"recommended", nullptr},
                              {"reason", result.reason},
                              {"bound_met", result.bound_met},
                              {"advice", result.advice},
                              {"warnings", result.warnings}};
  if (!options.optimize.min_accuracy) json["max_accuracy_drop"] = options.optimize.max_accuracy_drop;
  if (!result.preprocess.empty()) json["preprocess"] = result.preprocess;
  for (const VariantFigures& variant : result.variants) {
    nlohmann::ordered_json object = to_json(variant);
    object["meets_bound"] = variant.meets_bound;
    object["note"] = variant.note;
    object["float_layers"] = float_layers_json(variant.float_layers);
    json["variants"].push_back(std::move(object));
  }
  for (const LeftOut& left_out : result.left_out) {
    json["left_out"].push_back({{"name", left_out.name}, {"reason", left_out.reason}});
  }
  if (result.recommended) json["recommended"] = result.variants[*result.recommended].name;
  return json;
}

int run(Options options) {
  Console console(options.common,
                  {options.model, options.optimize.data, options.optimize.calibration, options.optimize.labels});
  const int threads = options.common.threads > 0 ? options.common.threads : default_threads();
  options.optimize.threads = threads;
  options.optimize.verify = !options.no_verify;
  options.optimize.memory_probe = own_program();
  const OptimizeResult result = optimize(options.model, options.optimize, console.progress());
  for (const std::string& warning : result.warnings) console.warn(warning);

  console.print("Optimization Summary");
  console.print(summary_table(result));
  for (const LeftOut& left_out : result.left_out) {
    console.print(fmt::format("{} was left out: {}", display_name(left_out.name), left_out.reason));
  }
  for (const VariantFigures& variant : result.variants) {
    if (variant.float_layers.empty()) continue;
    console.print(fmt::format("{}: {}", display_name(variant.name), float_layers_text(variant.float_layers)));
  }
  if (result.labeled) {
    console.print(fmt::format("Accuracy on {} samples; {} others chose; latency is the median on one thread.",
                              result.test_samples, result.val_samples));
  } else {
    console.print("Latency is the median on one thread.");
  }
  if (result.recommended) {
    const VariantFigures& chosen = result.variants[*result.recommended];
    console.print(fmt::format("\nRecommended: {} ({})\n  {}", display_name(chosen.name), chosen.path, result.reason));
  } else {
    console.print(fmt::format("\nRecommended: none\n  {}", result.reason));
  }
  console.print("\nAdvice");
  for (const std::string& line : result.advice) console.print("  " + line);
  console.json(to_json(result, options, threads));
  return result.bound_met ? 0 : 1;
}

}  // namespace

void add_optimize(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  OptimizeOptions& optimize = options->optimize;
  CLI::App* command = program.add_subcommand(
      "optimize", "Make fp32, fp16, dynamic-range and int8 .tflite files, measure them, recommend one");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or float .tflite")->required();
  command
      ->add_option("--data", optimize.data,
                   "A folder with train, val, test inside, or of class folders (split 60/20/20), or an .npz (x, y)")
      ->type_name("DIR");
  command->add_option("--calibration", optimize.calibration, "Pictures for int8 in place of the data's train part")
      ->type_name("DIR");
  command->add_option("--variants", optimize.variants, "Which to make (default fp32,fp16,dynamic,int8)")
      ->delimiter(',')
      ->check(CLI::IsMember({"fp32", "fp16", "dynamic", "int8"}))
      ->type_name("LIST");
  auto* drop = command
                   ->add_option("--max-accuracy-drop", optimize.max_accuracy_drop,
                                "Accuracy that the recommended variant may lose (default 0.01)")
                   ->check(share())
                   ->type_name("D");
  command->add_option("--min-accuracy", optimize.min_accuracy, "Accuracy that it must have, instead")
      ->check(share())
      ->excludes(drop)
      ->type_name("A");
  command->add_option("--objective", optimize.objective, "What matters most: latency (default) or size")
      ->check(CLI::IsMember({"latency", "size"}))
      ->type_name("KIND");
  command->add_flag("--fallback", optimize.fallback, "Try INT8, then FP16, then FP32, whatever their speed");
  command->add_option("--output", optimize.output, "Folder for the results (default outputs/models)")->type_name("DIR");
  command->add_option("--labels", optimize.labels, "Class names, one a line (default: the class folders)")
      ->type_name("FILE");
  command->add_flag("--no-verify", options->no_verify, "Do not check results against the model before they are named");
  command->add_flag("--force", optimize.force,
                    "Replace files of the results' names even when they are no .tflite files");
  add_picture_options(*command, optimize.pictures);
  add_common_options(*command, options->common);
  add_examples(
      *command,
      "  burin optimize model.keras --data data\n"
      "  burin optimize model.keras --data data --objective size --max-accuracy-drop 0.005 --json result.json\n"
      "  burin optimize model.keras --calibration pictures --output build/models");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
