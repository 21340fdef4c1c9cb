#include "ops/matmul/kernel.hpp"

#include <gtest/gtest.h>

#include <string>

#include "kernel_expectations.hpp"

namespace burin {
namespace {

struct Case {
  const char* name;
  Shape input;
  int32_t depth, outputs;
  FusedActivation activation = FusedActivation::kNone;
  bool bias = true;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr auto kRelu = FusedActivation::kRelu;
constexpr auto kRelu6 = FusedActivation::kRelu6;

const Case kCases[] = {
    {"One", {1, 1}, 1, 1},
    {"Classifier", {1, 1280}, 1280, 9},
    {"Batch", {7, 33}, 33, 50, kRelu6},
    {"ManyRows", {200, 19}, 19, 31, kRelu},
    {"Wide", {1, 40}, 40, 1001},
    {"NoBias", {3, 20}, 20, 17, kRelu, false},
    {"FlattenedRows", {2, 3, 4, 5}, 20, 11},
    {"KeptRows", {2, 3, 5}, 5, 11},
};

FullyConnectedAttributes attributes(const Case& c) { return {c.input.back() == c.depth, false, c.activation}; }

Shape output_shape(const Case& c) { return {static_cast<int32_t>(c.input.elements() / c.depth), c.outputs}; }

class FullyConnected : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Cases, FullyConnected, testing::ValuesIn(kCases),
                         [](const auto& value) { return std::string(value.param.name); });

TEST_P(FullyConnected, Float) {
  const Case& c = GetParam();
  OneOperator one(attributes(c));
  one.add_input<float>(ElementType::kFloat32, c.input, -2, 2, false);
  one.add_input<float>(ElementType::kFloat32, {c.outputs, c.depth}, -1, 1, true);
  if (c.bias) one.add_input<float>(ElementType::kFloat32, {c.outputs}, -1, 1, true);
  one.set_output(ElementType::kFloat32, output_shape(c));
  expect_float_kernel(one, Op::kFullyConnected, prepare_fully_connected_f32);
}

TEST_P(FullyConnected, Int8) {
  const Case& c = GetParam();
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const int32_t zero_point : {-128, 0, 5, 127}) {
      SCOPED_TRACE(zero_point);
      const Quantization input{{0.05f}, {zero_point}, -1};
      const Quantization weights{{0.01f}, {0}, -1};
      const Quantization output{{0.04f * std::sqrt(static_cast<float>(c.depth))}, {-zero_point / 2}, -1};
      OneOperator one(attributes(c), arithmetic);
      one.add_input<int8_t>(ElementType::kInt8, c.input, -128, 127, false, &input);
      one.add_input<int8_t>(ElementType::kInt8, {c.outputs, c.depth}, -128, 127, true, &weights);
      if (c.bias) one.add_input<int32_t>(ElementType::kInt32, {c.outputs}, -30000, 30000, true, &weights);
      one.set_output(ElementType::kInt8, output_shape(c), &output);
      expect_equal_kernel(one, Op::kFullyConnected, prepare_fully_connected_int8);
    }
  }
}

TEST_P(FullyConnected, Int4) {
  const Case& c = GetParam();
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const int32_t zero_point : {-128, 5, 127}) {
      SCOPED_TRACE(zero_point);
      const Quantization input{{0.05f}, {zero_point}, -1};
      Quantization weights{{}, {}, 0};
      for (int32_t i = 0; i < c.outputs; ++i) {
        weights.scales.push_back(0.2f + 0.03f * static_cast<float>(i % 5));
        weights.zero_points.push_back(0);
      }
      const Quantization output{{0.04f * std::sqrt(static_cast<float>(c.depth))}, {-zero_point / 2}, -1};
      OneOperator one(attributes(c), arithmetic);
      one.add_input<int8_t>(ElementType::kInt8, c.input, -128, 127, false, &input);
      one.add_codes(ElementType::kInt4, {c.outputs, c.depth}, &weights);
      if (c.bias) one.add_input<int32_t>(ElementType::kInt32, {c.outputs}, -1500, 1500, true, &weights);
      one.set_output(ElementType::kInt8, output_shape(c), &output);
      expect_equal_kernel(one, Op::kFullyConnected, prepare_fully_connected_int8);
    }
  }
}

TEST_P(FullyConnected, Hybrid) {
  const Case& c = GetParam();
  const Quantization weights{{0.01f}, {0}, -1};
  for (const bool asymmetric : {false, true}) {
    FullyConnectedAttributes hybrid = attributes(c);
    hybrid.asymmetric_quantize_inputs = asymmetric;
    OneOperator one(hybrid, asymmetric ? Arithmetic::kLitert : Arithmetic::kReference);
    one.add_input<float>(ElementType::kFloat32, c.input, -1, 4, false);
    one.add_input<int8_t>(ElementType::kInt8, {c.outputs, c.depth}, -127, 127, true, &weights);
    if (c.bias) one.add_input<float>(ElementType::kFloat32, {c.outputs}, -1, 1, true);
    one.set_output(ElementType::kFloat32, output_shape(c));
    expect_equal_kernel(one, Op::kFullyConnected, prepare_fully_connected_hybrid);
  }
}

// Sums far beyond the range of codes saturate on every instruction set.
TEST(FullyConnectedKernel, SaturatesLikeTheReference) {
  const Quantization input{{1.0f}, {-128}, -1}, weights{{1.0f}, {0}, -1}, output{{1e-6f}, {100}, -1};
  OneOperator one(FullyConnectedAttributes{});
  one.add_input<int8_t>(ElementType::kInt8, {5, 300}, -128, 127, false, &input);
  one.add_input<int8_t>(ElementType::kInt8, {40, 300}, -128, 127, true, &weights);
  one.add_input<int32_t>(ElementType::kInt32, {40}, -2000000000, 2000000000, true, &weights);
  one.set_output(ElementType::kInt8, {5, 40}, &output);
  expect_equal_kernel(one, Op::kFullyConnected, prepare_fully_connected_int8);
}

}  // namespace
}  // namespace burin
