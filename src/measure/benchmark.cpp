#include "measure/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "burin/error.hpp"
#include "data/random_source.hpp"
#include "formats/read_model.hpp"
#include "measure/sample_session.hpp"
#include "measure/statistics.hpp"
#include "ops/toolkit_operator.hpp"

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

class Profiler : public StepObserver {
 public:
  explicit Profiler(const Graph& graph) : graph_(graph) {}

  void on_step(const StepEvent& event) override {
    // Steps come in the same order in every run.
    if (position_ == steps_.size()) {
      steps_.push_back({"", "", event.kernel, 0.0});
      for (const NodeId id : event.nodes) {
        const Node& node = graph_.nodes[id];
        add_name(steps_.back().layer, origin_of(graph_, node));
        add_name(steps_.back().name, std::string(any_operator(node.op).name));
      }
    }
    steps_[position_++].mean_ms += static_cast<double>(event.nanoseconds) * 1e-6;
  }
  void begin_run() { position_ = 0; }

  std::vector<StepTime> mean_steps(size_t runs) const {
    std::vector<StepTime> steps = steps_;
    for (StepTime& step : steps) step.mean_ms /= static_cast<double>(runs);
    return steps;
  }

 private:
  // A step of several nodes has the names of all; what folder they share is said once.
  static void add_name(std::string& names, const std::string& name) {
    if (!names.empty()) names += " + ";
    const size_t folder = names.empty() ? std::string::npos : name.rfind('/');
    const bool shared = folder != std::string::npos && names.starts_with(name.substr(0, folder + 1));
    names += shared ? name.substr(folder + 1) : name;
  }

  const Graph& graph_;
  std::vector<StepTime> steps_;
  size_t position_ = 0;
};

std::vector<OperatorTime> sum_by_operator(const std::vector<StepTime>& steps) {
  std::map<std::pair<std::string, std::string>, OperatorTime> sums;
  for (const StepTime& step : steps) {
    OperatorTime& sum = sums[{step.name, step.kernel}];
    sum.name = step.name;
    sum.kernel = step.kernel;
    ++sum.steps;
    sum.mean_ms += step.mean_ms;
  }
  std::vector<OperatorTime> operators;
  for (auto& [key, sum] : sums) operators.push_back(std::move(sum));
  std::stable_sort(operators.begin(), operators.end(),
                   [](const OperatorTime& a, const OperatorTime& b) { return a.mean_ms > b.mean_ms; });
  return operators;
}

constexpr size_t kProfiledRuns = 20;

// `start`: when loading began.
Benchmark benchmark_model(const Model& model, Clock::time_point start, const BenchmarkOptions& options,
                          Progress& progress) {
  Benchmark result;
  const Program program = make_program(model, options.arithmetic);
  TimedSession session(program, options.threads, input_range(model));
  result.load_ms = milliseconds_since(start);

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
    Profiler profiler(model.main());
    for (size_t i = 0; i < kProfiledRuns; ++i) {
      profiler.begin_run();
      session.run(&profiler);
    }
    result.steps = profiler.mean_steps(kProfiledRuns);
    result.operators = sum_by_operator(result.steps);
  }
  return result;
}

}  // namespace

Benchmark benchmark_file(const std::string& path, const BenchmarkOptions& options, Progress& progress) {
  const auto start = Clock::now();
  const SourceModel source = read_model(path);
  try {
    return benchmark_model(source.model, start, options, progress);
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
