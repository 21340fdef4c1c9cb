#include "measure/sample_session.hpp"

#include <algorithm>

#include "burin/error.hpp"
#include "data/tensor_values.hpp"
#include "graph/shapes.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

Program make_program(const Model& model, Arithmetic arithmetic, const std::vector<Shape>& input_shapes) {
  ProgramOptions options;
  options.arithmetic = arithmetic;
  options.input_shapes = input_shapes.empty() ? burin::input_shapes(model, 1, kAssumedSize) : input_shapes;
  options.source_operators = source_operator_table();
  return value_or_throw(Program::from_model(model, options));
}

SampleBuffer::SampleBuffer(const Program& program) {
  for (const TensorInfo& input : program.inputs()) {
    values_.emplace_back(static_cast<size_t>(std::max<int64_t>(input.shape.elements(), 0)));
  }
  for (auto& values : values_) spans_.emplace_back(values);
}

SampleSession::SampleSession(const Program& program, int threads) : buffer_(program), session_(program, {threads}) {}

void SampleSession::load(const SampleSource& samples, size_t index) {
  samples.load(index, buffer_.inputs());
  set_inputs(buffer_.inputs());
}

void SampleSession::set_inputs(std::span<const std::span<float>> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) store_values(inputs[i], session_.input(i));
}

void SampleSession::invoke(StepObserver* observer) { throw_if_error(session_.invoke(observer)); }

std::vector<float> SampleSession::output(size_t index) const { return real_values(session_.output(index)); }

std::vector<std::vector<float>> SampleSession::outputs() const {
  std::vector<std::vector<float>> all;
  for (size_t i = 0; i < session_.program().outputs().size(); ++i) all.push_back(output(i));
  return all;
}

}  // namespace burin
