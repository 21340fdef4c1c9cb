#include <cstdint>
#include <limits>

#include "cli/command.hpp"
#include "ops/operator.hpp"

namespace burin::cli {

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("--threads", options.threads, "Threads to use (default: all cores; benchmark: 1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command.add_option("--json", options.json, "Write the result as one JSON object to FILE, or to standard output (-)")
      ->type_name("FILE|-");
  command.add_flag("--quiet", options.quiet, "No progress and no notes, only results, warnings and errors");
}

void add_picture_options(CLI::App& command, PictureOptions& options) {
  command
      .add_option("--preprocess", options.preprocess,
                  "How pixels 0..255 become inputs: none, tf (-1..1), torch, caffe, or auto (as the model says)")
      ->check(CLI::IsMember({"auto", "none", "tf", "torch", "caffe"}))
      ->type_name("MODE");
  command.add_option("--resize", options.resize, "How pictures get the model's size")
      ->check(CLI::IsMember({"pillow-bilinear", "tf-bilinear", "crop"}))
      ->type_name("METHOD");
  command.add_option("--samples", options.samples, "Calibration pictures (default 200)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  command.add_option("--seed", options.seed, "Seed of their choice (default 0)")->check(whole_number())->type_name("N");
}

CLI::Validator whole_number() {
  return CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()).description("a whole number from 0");
}

CLI::Validator share() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0.0;
        // Not `value < 0.0 || value > 1.0`: nan is no share either.
        const bool valid = CLI::detail::lexical_cast(text, value) && value >= 0.0 && value <= 1.0;
        return valid ? std::string() : text + " is no number from 0 to 1";
      },
      "0 to 1");
}

void add_split_option(CLI::App& command, std::string& split) {
  command.add_option("--split", split, "train, val, test or all (default: test where the data has it, else all)")
      ->check(CLI::IsMember({"train", "val", "test", "all"}))
      ->type_name("PART");
}

void add_arithmetic_option(CLI::App& command, std::string& arithmetic) {
  command
      .add_option("--arithmetic", arithmetic,
                  "Integer arithmetic: litert (default, as stock LiteRT) or reference (TFLite's reference kernels)")
      ->check(CLI::IsMember({"litert", "reference"}))
      ->type_name("KIND");
}

void add_examples(CLI::App& command, const std::string& examples) { command.footer("Examples:\n" + examples); }

Arithmetic parse_arithmetic(const std::string& text) {
  return text == "reference" ? Arithmetic::kReference : Arithmetic::kLitert;
}

}  // namespace burin::cli
