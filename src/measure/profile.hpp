// Where the time of a model goes: its steps, what they compute and what they read and write.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "graph/model.hpp"
#include "measure/peak.hpp"

namespace burin {

// What is computed, of all nodes of a step, and what memory that takes at least, each byte counted once.
struct Work {
  int64_t multiply_accumulates = 0;
  double peak_ms = 0.0;    // that the products of layers with weights would take at the measured peak of their type
  int64_t read_bytes = 0;  // of activations that other steps made
  int64_t written_bytes = 0;
  int64_t weight_bytes = 0;  // of constants, as the model holds them

  Work& operator+=(const Work& other);
};

struct Timed {
  Work work;
  double median_ms = 0.0;  // sum of the medians of the steps, over runs
  double mean_ms = 0.0;

  Timed& operator+=(const Timed& other);
  // Billions a second; 0 where there is nothing to multiply.
  double gmac_per_s() const;
  // Share of the measured peak; 0 where there is none.
  double peak_percent() const { return median_ms > 0.0 ? 100.0 * work.peak_ms / median_ms : 0.0; }
};

struct StepProfile {
  std::string layer;
  std::string name;  // CONV_2D
  std::string kernel;
  Timed timed;
};

struct OperatorProfile {
  std::string name;
  std::string kernel;
  size_t steps = 0;
  Timed timed;  // of all its steps
};

struct Profile {
  Peak peak;                               // of all threads that ran
  std::vector<StepProfile> steps;          // in order
  std::vector<OperatorProfile> operators;  // slowest first
  Timed total;
};

// Collects the steps of several runs; shapes are those of the Program.
class Profiler : public StepObserver {
 public:
  // `model` is the one that the Program was made of.
  Profiler(const Model& model, const Program& program, int threads);

  void begin_run() { position_ = 0; }
  void on_step(const StepEvent& event) override;
  Profile finish() const;

 private:
  Work work_of(std::span<const uint32_t> nodes) const;

  Graph graph_;  // with concrete shapes
  Peak peak_;
  std::vector<StepProfile> steps_;
  std::vector<std::vector<double>> times_;  // by step, of all runs
  size_t position_ = 0;
};

}  // namespace burin
