// Latency, load time and peak memory of one model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "burin/progress.hpp"
#include "burin/runtime.hpp"
#include "measure/profile.hpp"

namespace burin {

struct BenchmarkOptions {
  int threads = 1;
  size_t warmup = 10;
  size_t runs = 100;
  bool profile = false;
  Arithmetic arithmetic{};
};

struct Latency {
  double median_ms = 0.0;
  double p90_ms = 0.0;
  double min_ms = 0.0;
  double mean_ms = 0.0;
  size_t runs = 0;
};

struct Benchmark {
  Latency latency;
  double load_ms = 0.0;            // from the file's name to a Session that can run
  double first_result_ms = 0.0;    // from the file's name to the first result; of a .tflite by the runtime alone
  std::optional<Profile> profile;  // where it was asked for
};

// Reads and plans the model file itself, so that loading is timed. Throws Error.
Benchmark benchmark_file(const std::string& path, const BenchmarkOptions& options, Progress& progress = no_progress());

// Several programs in turn, run by run, so that a machine that changes its speed changes it for all alike.
std::vector<Latency> benchmark_programs(std::span<const Program> programs, int threads, size_t warmup, size_t runs,
                                        Progress& progress = no_progress());

}  // namespace burin
