#include "measure/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

#include "burin/error.hpp"
#include "data/random_source.hpp"
#include "formats/read_model.hpp"
#include "measure/sample_session.hpp"
#include "measure/statistics.hpp"

namespace burin {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Latency latency_of(const std::vector<double>& times) {
  Latency latency;
  latency.runs = times.size();
  latency.median_ms = quantile(times, 0.5);
  latency.p90_ms = quantile(times, 0.9);
  latency.min_ms = *std::min_element(times.begin(), times.end());
  latency.mean_ms = std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
  return latency;
}

// A session with seeded inputs and the times of its runs. Inputs are written again before every run, outside the
// timing: their memory may be used during one.
class TimedSession {
 public:
  TimedSession(const Program& program, int threads, ValueRange range)
      : session_(program, threads), source_(1, range, 0), buffer_(program) {
    source_.load(0, buffer_.inputs());
  }

  double run(StepObserver* observer = nullptr) {
    session_.set_inputs(buffer_.inputs());
    const auto start = Clock::now();
    session_.invoke(observer);
    return milliseconds_since(start);
  }

 private:
  SampleSession session_;
  RandomSource source_;
  SampleBuffer buffer_;
};

constexpr size_t kLeastProfiledRuns = 20;

// `start`: when loading began.
Benchmark benchmark_model(const Model& model, Clock::time_point start, const BenchmarkOptions& options,
                          Progress& progress) {
  Benchmark result;
  const Program program = make_program(model, options.arithmetic);
  TimedSession session(program, options.threads, input_range(model));
  result.load_ms = milliseconds_since(start);
  result.first_result_ms = result.load_ms + session.run();

  for (size_t i = 0; i < options.warmup; ++i) session.run();
  std::vector<double> times;
  progress.start("timing", options.runs);
  for (size_t i = 0; i < options.runs; ++i) {
    times.push_back(session.run());
    progress.advance(i + 1);
  }
  progress.finish();
  result.latency = latency_of(times);

  if (options.profile) {
    Profiler profiler(model, program, options.threads);
    for (size_t i = 0; i < std::max(options.runs, kLeastProfiledRuns); ++i) {
      profiler.begin_run();
      session.run(&profiler);
    }
    result.profile = profiler.finish();
  }
  return result;
}

double time_first_result(const std::string& path, const BenchmarkOptions& options) {
  const auto start = Clock::now();
  Session session(value_or_throw(Program::from_file(path, {.arithmetic = options.arithmetic})),
                  {.threads = options.threads});
  throw_if_error(session.status());
  for (size_t i = 0; i < session.program().inputs().size(); ++i) {
    const MutableTensorView input = session.input(i);
    std::memset(input.data, 0, static_cast<size_t>(byte_size(input.type, input.shape)));
  }
  throw_if_error(session.invoke());
  return milliseconds_since(start);
}

}  // namespace

Benchmark benchmark_file(const std::string& path, const BenchmarkOptions& options, Progress& progress) {
  const auto start = Clock::now();
  const SourceModel source = read_model(path);
  try {
    Benchmark result = benchmark_model(source.model, start, options, progress);
    if (source.format == SourceFormat::kTflite) result.first_result_ms = time_first_result(path, options);
    return result;
  } catch (const Error& error) {
    throw Error(error.status().at(path));
  }
}

std::vector<Latency> benchmark_programs(std::span<const Program> programs, int threads, size_t warmup, size_t runs,
                                        Progress& progress) {
  std::vector<TimedSession> sessions;
  for (const Program& program : programs) sessions.emplace_back(program, threads, ValueRange{});
  std::vector<std::vector<double>> times(programs.size());
  progress.start("timing", runs);
  for (size_t run = 0; run < warmup + runs; ++run) {
    for (size_t p = 0; p < programs.size(); ++p) {
      const double time = sessions[p].run();
      if (run >= warmup) times[p].push_back(time);
    }
    if (run >= warmup) progress.advance(run - warmup + 1);
  }
  progress.finish();
  std::vector<Latency> latencies;
  for (const auto& list : times) latencies.push_back(latency_of(list));
  return latencies;
}

}  // namespace burin
