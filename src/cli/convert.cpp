#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "cli/command.hpp"
#include "cli/figures.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  ConvertOptions convert;
  std::string model;
  std::string output;
  bool no_verify = false;
};

nlohmann::ordered_json to_json(const ConvertResult& result, const Options& options) {
  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"path", result.path},
                              {"quantize", options.convert.quantize},
                              {"io", options.convert.io},
                              {"size_bytes", result.size_bytes},
                              {"calibration_samples", result.calibration_samples},
                              {"preprocess", nullptr},
                              {"verified", result.snr_db.has_value()},
                              {"max_relative_difference", nullptr},
                              {"snr_db", nullptr},
                              {"float_layers", float_layers_json(result.float_layers)},
                              {"warnings", result.warnings}};
  if (!result.preprocess.empty()) json["preprocess"] = result.preprocess;
  if (result.max_relative_difference) json["max_relative_difference"] = *result.max_relative_difference;
  if (result.snr_db && std::isfinite(*result.snr_db)) json["snr_db"] = *result.snr_db;
  return json;
}

int run(Options options) {
  Console console(options.common, {options.model, options.output, options.convert.calibration, options.convert.labels});
  options.convert.threads = options.common.threads;
  options.convert.verify = !options.no_verify;
  const ConvertResult result = convert(options.model, options.output, options.convert, console.progress());
  for (const std::string& warning : result.warnings) console.warn(warning);
  std::string text = fmt::format("wrote {}: {:.3f} MB ({})", result.path, static_cast<double>(result.size_bytes) / 1e6,
                                 options.convert.quantize == "none" ? "fp32" : options.convert.quantize);
  if (result.snr_db && std::isinf(*result.snr_db)) {
    text += ", outputs equal the model's";
  } else if (result.snr_db) {
    text += fmt::format(", signal-to-noise ratio {:.1f} dB, largest difference {:.2g} of the largest value",
                        *result.snr_db, *result.max_relative_difference);
  }
  console.print(text);
  if (!result.float_layers.empty()) console.print(float_layers_text(result.float_layers));
  console.json(to_json(result, options));
  return 0;
}

}  // namespace

void add_convert(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("convert", "Convert a Keras or float TFLite model to one .tflite file");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or .tflite")->required();
  command->add_option("-o,--output", options->output, "The .tflite file to write")->required()->type_name("OUT");
  command->add_option("--quantize", options->convert.quantize, "none (default), fp16, dynamic, int8 or int4")
      ->check(CLI::IsMember({"none", "fp16", "dynamic", "int8", "int4"}))
      ->type_name("KIND");
  command
      ->add_option("--calibration", options->convert.calibration,
                   "Pictures for int8 and int4: a folder (flat or with class folders) or an .npz with x")
      ->type_name("DIR");
  command
      ->add_option("--io", options->convert.io,
                   "Type of int8 and int4 models' inputs and outputs: float32, int8 or uint8")
      ->check(CLI::IsMember({"float32", "int8", "uint8"}))
      ->type_name("TYPE");
  command->add_option("--labels", options->convert.labels, "Class names, one a line (default: the class folders)")
      ->type_name("FILE");
  command->add_flag("--no-verify", options->no_verify, "Do not check the result against the model before it is named");
  command->add_flag("--force", options->convert.force,
                    "Replace OUT even when it is no .tflite file (.tflite results are replaced anyway)");
  add_picture_options(*command, options->convert.pictures);
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin convert model.keras -o model_fp32.tflite\n"
               "  burin convert model.keras -o model_int8.tflite --quantize int8 --calibration data/train\n"
               "  burin convert model.keras -o model_int4.tflite --quantize int4 --calibration data/train\n"
               "  burin convert model.keras -o model_uint8.tflite --quantize int8 --io uint8 --calibration pictures");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
