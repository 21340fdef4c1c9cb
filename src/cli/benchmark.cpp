#include "measure/benchmark.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/figures.hpp"
#include "measure/machine.hpp"
#include "measure/peak_memory.hpp"
#include "report/json.hpp"
#include "report/table.hpp"
#include "runtime/cpu_features.hpp"

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

constexpr std::array<std::string_view, 7> kTimedTitles{"ms",      "MMAC",       "GMAC/s",    "% of peak",
                                                       "read kB", "written kB", "weights kB"};

std::vector<Table::Column> with_timed(std::vector<Table::Column> columns) {
  for (const std::string_view title : kTimedTitles) columns.push_back({std::string(title)});
  return columns;
}

// `first`: the cells before those of kTimedTitles.
std::vector<std::string> timed_row(std::vector<std::string> first, const Timed& timed) {
  const auto known = [](double value, const char* format) {
    return value > 0.0 ? fmt::format(fmt::runtime(format), value) : "";
  };
  const Work& work = timed.work;
  const auto kilobytes = [](int64_t bytes) { return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e3); };
  for (std::string& cell : std::vector<std::string>{
           fmt::format("{:.4f}", timed.median_ms),
           known(static_cast<double>(work.multiply_accumulates) / 1e6, "{:.3f}"), known(timed.gmac_per_s(), "{:.1f}"),
           known(timed.peak_percent(), "{:.1f}"), kilobytes(work.read_bytes), kilobytes(work.written_bytes),
           kilobytes(work.weight_bytes)}) {
    first.push_back(std::move(cell));
  }
  return first;
}

void print_profile(Console& console, const Profile& profile, int threads) {
  Table steps(with_timed({{"Layer", Align::kLeft}, {"Operator", Align::kLeft}, {"Kernel", Align::kLeft}}));
  for (const StepProfile& step : profile.steps) {
    steps.add_row(timed_row({step.layer, step.name, step.kernel}, step.timed));
  }
  Table operators(with_timed({{"Operator", Align::kLeft}, {"Kernel", Align::kLeft}, {"Steps"}}));
  for (const OperatorProfile& sum : profile.operators) {
    operators.add_row(timed_row({sum.name, sum.kernel, std::to_string(sum.steps)}, sum.timed));
  }
  operators.add_row(timed_row({"all", "", std::to_string(profile.steps.size())}, profile.total));
  console.print(steps.to_string() + "\n\n" + operators.to_string() + "\n");
  console.print(fmt::format("peak of {} thread{}, measured: {:.1f} GMAC/s float32, {:.1f} GMAC/s int8 ({})\n", threads,
                            threads == 1 ? "" : "s", profile.peak.f32 / 1e9, profile.peak.int8 / 1e9,
                            runtime::name(runtime::instruction_set())));
}

void add_timed(nlohmann::ordered_json& json, const Timed& timed) {
  const auto known = [](double value) { return value > 0.0 ? nlohmann::ordered_json(value) : nullptr; };
  json["median_ms"] = timed.median_ms;
  json["mean_ms"] = timed.mean_ms;
  json["multiply_accumulates"] = timed.work.multiply_accumulates;
  json["speed_gmac_per_s"] = known(timed.gmac_per_s());
  json["peak_percent"] = known(timed.peak_percent());
  json["read_bytes"] = timed.work.read_bytes;
  json["written_bytes"] = timed.work.written_bytes;
  json["weight_bytes"] = timed.work.weight_bytes;
}

void add_profile(nlohmann::ordered_json& json, const Profile& profile) {
  json["steps"] = nlohmann::ordered_json::array();
  for (const StepProfile& step : profile.steps) {
    nlohmann::ordered_json row{{"layer", step.layer}, {"operator", step.name}, {"kernel", step.kernel}};
    add_timed(row, step.timed);
    json["steps"].push_back(std::move(row));
  }
  json["operators"] = nlohmann::ordered_json::array();
  for (const OperatorProfile& sum : profile.operators) {
    nlohmann::ordered_json row{{"operator", sum.name}, {"kernel", sum.kernel}, {"steps", sum.steps}};
    add_timed(row, sum.timed);
    json["operators"].push_back(std::move(row));
  }
  json["total"] = nlohmann::ordered_json::object();
  add_timed(json["total"], profile.total);
  json["peak"] = {{"instruction_set", std::string(runtime::name(runtime::instruction_set()))},
                  {"float32_gmac_per_s", profile.peak.f32 / 1e9},
                  {"int8_gmac_per_s", profile.peak.int8 / 1e9}};
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

  if (result.profile) print_profile(console, *result.profile, benchmark_options.threads);
  console.print(fmt::format("{}: median {:.3f} ms, p90 {:.3f} ms ({} runs, {} thread{})", options.model,
                            result.latency.median_ms, result.latency.p90_ms, result.latency.runs,
                            benchmark_options.threads, benchmark_options.threads == 1 ? "" : "s"));
  console.print(fmt::format("load {:.1f} ms, first result {:.1f} ms, peak memory {:.1f} MiB, file {:.3f} MB",
                            result.load_ms, result.first_result_ms, static_cast<double>(peak) / 0x1p20,
                            static_cast<double>(size) / 1e6));

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
  json["first_result_ms"] = result.first_result_ms;
  json["peak_memory_bytes"] = peak;
  if (result.profile) add_profile(json, *result.profile);
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
  command->add_flag("--profile", options->profile,
                    "Time every step, with its multiply-accumulates, share of the measured peak, and bytes");
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
