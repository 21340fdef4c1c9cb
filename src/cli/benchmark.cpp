#include "measure/benchmark.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "measure/machine.hpp"
#include "measure/peak_memory.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  std::string model;
  size_t warmup = 10;
  size_t runs = 100;
  bool profile = false;
  std::string arithmetic = "litert";
};

void print_profile(Console& console, const Benchmark& result) {
  Table steps({{"Layer", Align::kLeft}, {"Operator", Align::kLeft}, {"Kernel", Align::kLeft}, {"ms"}});
  for (const StepTime& step : result.steps) {
    steps.add_row({step.layer, step.name, step.kernel, fmt::format("{:.3f}", step.mean_ms)});
  }
  Table operators({{"Operator", Align::kLeft}, {"Kernel", Align::kLeft}, {"Steps"}, {"ms"}});
  for (const OperatorTime& time : result.operators) {
    operators.add_row({time.name, time.kernel, std::to_string(time.steps), fmt::format("{:.3f}", time.mean_ms)});
  }
  console.print(steps.to_string() + "\n\n" + operators.to_string() + "\n");
}

int run(const Options& options) {
  Console console(options.common, {options.model});
  BenchmarkOptions benchmark_options;
  benchmark_options.threads = options.common.threads > 0 ? options.common.threads : 1;
  benchmark_options.warmup = options.warmup;
  benchmark_options.runs = options.runs;
  benchmark_options.profile = options.profile;
  benchmark_options.arithmetic = parse_arithmetic(options.arithmetic);
  const Benchmark result = benchmark_file(options.model, benchmark_options, console.progress());
  const uint64_t peak =
      peak_memory_bytes(own_program(), options.model, benchmark_options.threads, benchmark_options.arithmetic);
  const auto size = std::filesystem::file_size(options.model);

  if (options.profile) print_profile(console, result);
  console.print(fmt::format("{}: median {:.3f} ms, p90 {:.3f} ms ({} runs, {} thread{})", options.model,
                            result.latency.median_ms, result.latency.p90_ms, result.latency.runs,
                            benchmark_options.threads, benchmark_options.threads == 1 ? "" : "s"));
  console.print(fmt::format("load {:.1f} ms, peak memory {:.1f} MiB, file {:.3f} MB", result.load_ms,
                            static_cast<double>(peak) / 0x1p20, static_cast<double>(size) / 1e6));

  nlohmann::ordered_json json{{"schema_version", kSchemaVersion},
                              {"model", options.model},
                              {"engine", engine_name()},
                              {"arithmetic", options.arithmetic},
                              {"threads", benchmark_options.threads},
                              {"cpu", cpu_name()},
                              {"size_bytes", size},
                              {"warmup", options.warmup}};
  add_latency(json, result.latency);
  json["load_ms"] = result.load_ms;
  json["peak_memory_bytes"] = peak;
  if (options.profile) {
    json["steps"] = nlohmann::ordered_json::array();
    for (const StepTime& step : result.steps) {
      json["steps"].push_back(
          {{"layer", step.layer}, {"operator", step.name}, {"kernel", step.kernel}, {"mean_ms", step.mean_ms}});
    }
    json["operators"] = nlohmann::ordered_json::array();
    for (const OperatorTime& time : result.operators) {
      json["operators"].push_back(
          {{"operator", time.name}, {"kernel", time.kernel}, {"steps", time.steps}, {"mean_ms", time.mean_ms}});
    }
  }
  console.json(json);
  return 0;
}

}  // namespace

std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "/proc/self/exe" : path.string();
}

void add_benchmark(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("benchmark", "Time a model: latency, loading, peak memory");
  command->add_option("model", options->model, "The model: .keras, Keras 3 .h5 or .tflite")->required();
  command->add_option("--warmup", options->warmup, "Runs before the timing begins (default 10)")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  command->add_option("--runs", options->runs, "Timed runs (default 100)")
      ->check(CLI::Range(1, 10'000'000))
      ->type_name("N");
  command->add_flag("--profile", options->profile, "Time every layer");
  add_arithmetic_option(*command, options->arithmetic);
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin benchmark model_int8.tflite\n"
               "  burin benchmark model.keras --threads 2 --runs 50 --profile --json -");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

void add_memory_probe(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(kMemoryProbeCommand);
  command->group("");  // hidden
  command->add_option("model", options->model);
  command->add_option("--threads", options->common.threads);
  add_arithmetic_option(*command, options->arithmetic);
  command->callback([options, &action] {
    action = [options] {
      fmt::print("{}\n", memory_probe(options->model, std::max(1, options->common.threads),
                                      parse_arithmetic(options->arithmetic)));
      return 0;
    };
  });
}

}  // namespace burin::cli
