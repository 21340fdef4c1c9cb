// What the tests of passes share: source models with inferred shapes, structure as text, and outputs before and after.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "graph/print.hpp"
#include "graph/shapes.hpp"
#include "graph/verify.hpp"
#include "ops/toolkit_operator.hpp"
#include "small_models.hpp"

namespace burin {

class SourceBuilder : public ModelBuilder {
 public:
  TensorId layer(const std::string& name, Op op, std::vector<TensorId> inputs, Attributes attributes = NoAttributes{}) {
    const TensorId id = node(op, std::move(inputs), {}, std::move(attributes));
    graph().tensors[id].name = graph().tensors[id].origin = name;
    return id;
  }
  TensorId weights(const std::string& name, Shape shape, float low = -0.5f, float high = 0.5f) {
    const TensorId id = constant(shape, low, high);
    graph().tensors[id].name = graph().tensors[id].origin = name;
    return id;
  }
  TensorId values(Shape shape, std::vector<float> floats) {
    return add_constant_tensor(model(), graph(), "values", ElementType::kFloat32, shape, std::move(floats));
  }
  TensorId conv(TensorId x, int32_t in, int32_t out, int32_t size, Padding padding, int32_t stride = 1,
                bool bias = true) {
    std::vector<TensorId> inputs{x, weights("conv/kernel", {out, size, size, in})};
    if (bias) inputs.push_back(weights("conv/bias", {out}));
    return layer("conv", Op::kConv2d, inputs,
                 Conv2dAttributes{.padding = padding, .stride_h = stride, .stride_w = stride});
  }
  TensorId depthwise(TensorId x, int32_t channels, int32_t multiplier, Padding padding, int32_t stride = 1) {
    return layer("depthwise", Op::kDepthwiseConv2d, {x, weights("depthwise/kernel", {1, 3, 3, channels * multiplier})},
                 DepthwiseConv2dAttributes{
                     .padding = padding, .stride_h = stride, .stride_w = stride, .depth_multiplier = multiplier});
  }
  TensorId dense(TensorId x, int32_t in, int32_t out) {
    return layer("dense", Op::kFullyConnected, {x, weights("dense/kernel", {out, in}), weights("dense/bias", {out})},
                 FullyConnectedAttributes{});
  }
  TensorId batch_norm(TensorId x, int32_t channels, int32_t axis = -1) {
    return layer("bn", Op::kBatchNormalization,
                 {x, weights("bn/gamma", {channels}, 0.5f, 1.5f), weights("bn/beta", {channels}),
                  weights("bn/mean", {channels}), weights("bn/variance", {channels}, 0.1f, 2.0f)},
                 BatchNormalizationAttributes{.axis = axis});
  }
  TensorId rescaling(TensorId x, std::vector<float> scale, std::vector<float> offset) {
    return layer("rescaling", Op::kRescaling, {x}, RescalingAttributes{std::move(scale), std::move(offset)});
  }
  TensorId pad(TensorId x, std::vector<int32_t> amounts) {
    const auto rank = static_cast<int32_t>(amounts.size() / 2);
    const TensorId paddings =
        add_constant_tensor(model(), graph(), "paddings", ElementType::kInt32, {rank, 2}, std::move(amounts));
    return layer("pad", Op::kPad, {x, paddings});
  }

  Model finish(const std::vector<TensorId>& outputs) {
    model().level = Level::kSource;
    Signature signature;
    for (const TensorId id : graph().inputs) signature.inputs.push_back({tensor(id).name, id});
    for (const TensorId id : outputs) {
      signature.outputs.push_back({"output_" + std::to_string(signature.outputs.size()), id});
      output(id);
    }
    model().signatures = {signature};
    const Status status = infer_shapes(model(), source_operator_table());
    EXPECT_TRUE(status.is_ok()) << status.message();
    return model();
  }
};

// "CONV_2D RELU6": the operators in order.
inline std::string operators(const Model& model) {
  std::string line;
  for (const Node& node : model.main().nodes) {
    line += (line.empty() ? "" : " ") + std::string(any_operator(node.op).name);
  }
  return line;
}

inline std::vector<std::vector<float>> outputs_of(const Model& model, int32_t batch, float low, float high) {
  const Status status = verify(model, source_operator_table());
  EXPECT_TRUE(status.is_ok()) << status.message() << "\n" << to_string(model);
  const Result<Program> program = Program::from_model(
      model, {.input_shapes = input_shapes(model, batch, 12), .source_operators = source_operator_table()});
  EXPECT_TRUE(program.is_ok()) << program.status().message() << "\n" << to_string(model);
  std::vector<std::vector<float>> outputs;
  if (!program.is_ok()) return outputs;
  Session session(program.value());
  for (size_t i = 0; i < program.value().inputs().size(); ++i) {
    const MutableTensorView input = session.input(i);
    const auto count = static_cast<size_t>(input.shape.elements());
    const std::vector<float> values = seeded_floats(count, static_cast<uint32_t>(70 + i), low, high);
    std::memcpy(input.data, values.data(), count * sizeof(float));
  }
  const Status invoked = session.invoke();
  EXPECT_TRUE(invoked.is_ok()) << invoked.message();
  for (size_t i = 0; i < program.value().outputs().size(); ++i) {
    const TensorView view = session.output(i);
    outputs.emplace_back(view.as<float>(), view.as<float>() + view.shape.elements());
  }
  return outputs;
}

// Both models give the same outputs, to 1e-5 of the largest, for batch 1 and 2.
inline void expect_equal_outputs(const Model& before, const Model& after, float low = -1.0f, float high = 1.0f) {
  for (const int32_t batch : {1, 2}) {
    const auto expected = outputs_of(before, batch, low, high);
    const auto actual = outputs_of(after, batch, low, high);
    ASSERT_EQ(expected.size(), actual.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(expected[i].size(), actual[i].size()) << "output " << i;
      float largest = 0.0f, difference = 0.0f;
      for (size_t k = 0; k < expected[i].size(); ++k) {
        largest = std::max(largest, std::abs(expected[i][k]));
        difference = std::max(difference, std::abs(expected[i][k] - actual[i][k]));
      }
      EXPECT_GT(largest, 0.0f);
      EXPECT_LE(difference, 1e-5f * largest) << "output " << i << " batch " << batch << "\n" << to_string(after);
    }
  }
}

// A model, a pass, and the operators afterwards; equal to those before: the pass must not fire.
struct PassCase {
  std::string name;
  Model before;
  std::string after;
  float low = -1.0f, high = 1.0f;
};

// Runs the pass on a copy, checks structure, what it says and outputs; returns the result.
inline Model check_pass(bool (*pass)(Model&), const PassCase& test) {
  SCOPED_TRACE(test.name);
  Model after = test.before;
  EXPECT_EQ(pass(after), operators(test.before) != test.after);
  EXPECT_EQ(operators(after), test.after);
  EXPECT_FALSE(pass(after)) << "a second time";
  expect_equal_outputs(test.before, after, test.low, test.high);
  return after;
}

}  // namespace burin
