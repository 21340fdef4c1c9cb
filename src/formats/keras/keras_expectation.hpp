// For tests: a model's outputs against those that Keras gave, kept in an .npz (input0..., output0..., batch 2).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "formats/npz/npz.hpp"
#include "graph/model.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

// Runs `model` as read (kSource) on the arrays input<k>... and compares with output<k>: the largest difference may be
// `tolerance` of the largest value.
inline void expect_keras_outputs(const Model& model, const std::filesystem::path& expected_file,
                                 double tolerance = 1e-4) {
  const std::vector<NamedArray> arrays = read_arrays(expected_file.string());
  const auto array_of = [&](const std::string& prefix) -> const Array* {
    for (const NamedArray& array : arrays) {
      if (array.name == prefix || array.name.starts_with(prefix + "_")) return &array.array;
    }
    return nullptr;
  };
  ProgramOptions options;
  options.source_operators = source_operator_table();
  for (size_t i = 0; i < model.main().inputs.size(); ++i) {
    const Array* input = array_of("input" + std::to_string(i));
    ASSERT_NE(input, nullptr) << "no input" << i;
    options.input_shapes.push_back(input->shape);
  }
  const Result<Program> program = Program::from_model(model, options);
  ASSERT_TRUE(program.is_ok()) << program.status().message();
  Session session(program.value());
  for (size_t i = 0; i < model.main().inputs.size(); ++i) {
    const std::vector<float> values = array_of("input" + std::to_string(i))->to_floats();
    std::memcpy(session.input(i).data, values.data(), values.size() * sizeof(float));
  }
  const Status status = session.invoke();
  ASSERT_TRUE(status.is_ok()) << status.message();
  for (size_t i = 0; i < model.main().outputs.size(); ++i) {
    const Array* expected = array_of("output" + std::to_string(i));
    ASSERT_NE(expected, nullptr) << "no output" << i;
    const TensorView actual = session.output(i);
    ASSERT_EQ(to_string(actual.shape), to_string(expected->shape)) << "output" << i;
    const std::vector<float> values = expected->to_floats();
    double largest = 0.0;
    double difference = 0.0;
    for (size_t k = 0; k < values.size(); ++k) {
      largest = std::max(largest, std::abs(double{values[k]}));
      difference = std::max(difference, std::abs(double{values[k]} - double{actual.as<float>()[k]}));
      ASSERT_TRUE(std::isfinite(actual.as<float>()[k])) << "output" << i << " element " << k;
    }
    EXPECT_LE(difference, tolerance * std::max(largest, 1e-3)) << "output" << i << ", largest value " << largest;
  }
}

}  // namespace burin
