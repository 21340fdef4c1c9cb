// A Session that is fed samples and read as real numbers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "data/sample_source.hpp"
#include "graph/model.hpp"

namespace burin {

// What a free dimension other than the batch is where nothing says its size: that of most image classifiers, and no
// window or stride of one is larger.
constexpr int32_t kAssumedSize = 224;

// A Program of a model of either level; `input_shapes` empty: batch 1 and kAssumedSize. Throws Error.
Program make_program(const Model& model, Arithmetic arithmetic = {}, const std::vector<Shape>& input_shapes = {});

// One sample of every input as floats.
class SampleBuffer {
 public:
  explicit SampleBuffer(const Program& program);
  std::span<const std::span<float>> inputs() const { return spans_; }

 private:
  std::vector<std::vector<float>> values_;
  std::vector<std::span<float>> spans_;
};

class SampleSession {
 public:
  SampleSession(const Program& program, int threads);

  void load(const SampleSource& samples, size_t index);
  void set_inputs(std::span<const std::span<float>> inputs);
  void invoke(StepObserver* observer = nullptr);  // throws Error
  std::vector<float> output(size_t index) const;
  std::vector<std::vector<float>> outputs() const;
  Session& session() { return session_; }

 private:
  SampleBuffer buffer_;
  Session session_;
};

}  // namespace burin
