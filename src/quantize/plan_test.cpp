#include "quantize/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ops/requantize.hpp"
#include "quantize/calibrate.hpp"
#include "quantize/plan_from_ranges.hpp"
#include "quantize/test_networks.hpp"
#include "quantize/weights.hpp"

namespace burin {
namespace {

const Tensor& named(const Model& model, const std::string& name) {
  for (const Tensor& tensor : model.main().tensors) {
    if (tensor.name == name) return tensor;
  }
  throw Error(StatusCode::kInvalidArgument, "no tensor " + name);
}

// Operators in order, with the types of their first input and output.
std::string operators(const Model& model) {
  std::string text;
  const Graph& graph = model.main();
  for (const Node& node : graph.nodes) {
    text += std::string(text.empty() ? "" : " ") + std::string(runtime_operator(node.op).name) + ":" +
            std::string(name(graph.tensors[node.inputs[0]].type)) + ">" +
            std::string(name(graph.tensors[node.outputs[0]].type));
  }
  return text;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// y = relu(2 inputs x kernel + bias), 1x1.
Model one_convolution(std::vector<float> kernel, std::vector<float> bias) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 2, 2, 2});
  const auto channels = static_cast<int32_t>(bias.size());
  const TensorId k = net.constant("k", {channels, 1, 1, 2}, std::move(kernel));
  const TensorId b = net.constant("b", {channels}, std::move(bias));
  return net.finish({net.node("y", Op::kConv2d, {x, k, b}, Conv2dAttributes{.activation = FusedActivation::kRelu})});
}

// The plan that calibration would make for activations within these ranges.
QuantizationPlan plan_for(const Model& model, const std::vector<std::pair<std::string, CalibratedRange>>& ranges,
                          ElementType io_type = ElementType::kFloat32, bool pixels = false,
                          ElementType weights = ElementType::kInt8) {
  Calibration calibration;
  calibration.ranges.resize(model.main().tensors.size());
  calibration.is_pixels.assign(model.main().inputs.size(), pixels);
  for (const auto& [name, range] : ranges) {
    for (TensorId id = 0; id < model.main().tensors.size(); ++id) {
      if (model.main().tensors[id].name == name) calibration.ranges[id] = range;
    }
  }
  return plan_from_ranges(model, calibration, io_type, weights);
}

TEST(AsymmetricQuantization, ZeroIsACode) {
  struct Case {
    const char* name;
    CalibratedRange range;
    Quantization expected;
  };
  for (const Case& c :
       {Case{"zero to 255", {0, 255}, {{1.0f}, {-128}}}, Case{"all negative", {-255, 0}, {{1.0f}, {127}}},
        Case{"symmetric: between two codes, rounded away from zero", {-127.5f, 127.5f}, {{1.0f}, {-1}}},
        Case{"nudged", {-10, 245}, {{1.0f}, {-118}}}, Case{"empty", {0, 0}, {{1.0f}, {0}}},
        Case{"subnormal", {0, 1e-40f}, {{1.0f}, {0}}}, Case{"one sided", {0, 6}, {{6.0f / 255}, {-128}}}}) {
    EXPECT_EQ(asymmetric_quantization(c.range), c.expected) << c.name;
  }
}

TEST(SymmetricQuantization, ScalesAndCodesByHand) {
  const std::vector<float> values = {1.27f, -0.635f, 0.0f, 0.0f, -2.54f, 0.03f};
  const Shape shape{3, 2};
  const Quantization per_row = symmetric_quantization(channel_magnitudes(values, shape, 0), 0);
  EXPECT_EQ(per_row.axis, 0);
  EXPECT_FLOAT_EQ(per_row.scales[0], 0.01f);
  EXPECT_GT(per_row.scales[1], 0.0f);
  EXPECT_FLOAT_EQ(per_row.scales[2], 0.02f);
  // -63.5 is rounded away from zero.
  EXPECT_EQ(quantize_symmetric(values, shape, per_row), (std::vector<int8_t>{127, -64, 0, 0, -127, 2}));

  const Quantization per_column = symmetric_quantization(channel_magnitudes(values, shape, 1), 1);
  EXPECT_FLOAT_EQ(per_column.scales[0], 0.02f);
  EXPECT_FLOAT_EQ(per_column.scales[1], 0.005f);
  EXPECT_EQ(quantize_symmetric(values, shape, per_column), (std::vector<int8_t>{64, -127, 0, 0, -127, 6}));

  const Quantization whole = symmetric_quantization(channel_magnitudes(values, shape, -1), -1);
  EXPECT_EQ(whole.scales, std::vector<float>{2.54f / 127});
  const auto restored = dequantize_symmetric(quantize_symmetric(values, shape, whole), shape, whole);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(restored[i], values[i], 0.01001f) << i;
}

TEST(SymmetricQuantization, Int4LeavesTheLowestCodeOut) {
  const std::vector<float> values = {0.7f, -0.7f, 0.149f, -0.25f, 3.5f};
  const Quantization whole = symmetric_quantization(channel_magnitudes(values, {5}, -1), -1, {}, ElementType::kInt4);
  EXPECT_FLOAT_EQ(whole.scales[0], 0.5f);
  EXPECT_EQ(quantize_symmetric(values, {5}, whole, ElementType::kInt4), (std::vector<int8_t>{1, -1, 0, -1, 7}));
  EXPECT_EQ(quantize_symmetric(std::vector<float>{-9.0f, 9.0f}, {2}, whole, ElementType::kInt4),
            (std::vector<int8_t>{-7, 7}));
  EXPECT_EQ(pack_int4(std::vector<int8_t>{1, -1, 0, -7, 7}), (std::vector<uint8_t>{0xf1, 0x90, 0x07}));
}

TEST(Float16Plan, LargeConstantsOnly) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 80});
  const TensorId large = net.constant("large", {1, 80}, net.random(80, 1.0f));
  const TensorId small = net.constant("small", {1}, {0.1f});
  auto outside = net.random(80, 1.0f);
  outside[3] = 65536.0f;
  const TensorId overflow = net.constant("overflow", {1, 80}, outside);
  const TensorId vector = net.constant("vector", {80}, net.random(80, 1.0f));
  TensorId y = net.node("a", Op::kMul, {x, large}, ArithmeticAttributes{});
  y = net.node("b", Op::kAdd, {y, small}, ArithmeticAttributes{});
  y = net.node("c", Op::kAdd, {y, overflow}, ArithmeticAttributes{});
  y = net.node("d", Op::kAdd, {y, large}, ArithmeticAttributes{});
  y = net.node("e", Op::kAdd, {y, vector}, ArithmeticAttributes{});
  const Model model = net.finish({y});

  const Model halves = apply(model, plan_float16(model));
  EXPECT_EQ(operators(halves),
            "DEQUANTIZE:float16>float32 MUL:float32>float32 ADD:float32>float32 ADD:float32>float32 "
            "ADD:float32>float32 ADD:float32>float32");
  EXPECT_EQ(named(halves, "vector").type, ElementType::kFloat32);
  EXPECT_EQ(named(halves, "large").type, ElementType::kFloat16);
  EXPECT_EQ(named(halves, "small").type, ElementType::kFloat32);
  EXPECT_EQ(named(halves, "overflow").type, ElementType::kFloat32);
  const auto stored = halves.constant_values<uint16_t>(named(halves, "large").constant);
  const auto values = model.constant_values<float>(named(model, "large").constant);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(stored[i], float_to_half(values[i])) << i;
}

TEST(Float16Plan, DepthwiseKernelsKeepTheirSums) {
  // In steps of 2^-10 from 1 on: 1.0004 becomes 1, then 1.0008 becomes 1 + 2^-10; below 0.5 they are 2^-12.
  const std::vector<float> by_hand = {0.5f, 1.0004f, 1.0004f};
  const std::vector<uint16_t> rounded = depthwise_kernel_to_half(by_hand, 1);
  EXPECT_EQ(half_to_float(rounded[1]), 1.0f);
  EXPECT_EQ(half_to_float(rounded[2]), 1.0009765625f);
  EXPECT_EQ(half_to_float(rounded[0]), 0.499755859375f);

  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 8, 8, 24});
  const Model model = net.finish({net.depthwise("depthwise", x, 24, {.padding = Padding::kSame})});
  const Model halves = apply(model, plan_float16(model));
  const TensorId kernel = model.main().nodes[0].inputs[1];
  const auto values = model.constant_values<float>(model.main().tensors[kernel].constant);
  const auto stored = halves.constant_values<uint16_t>(named(halves, model.main().tensors[kernel].name).constant);
  ASSERT_EQ(stored.size(), values.size());
  for (size_t channel = 0; channel < 24; ++channel) {
    double sum = 0.0, smallest = 1e9, largest = 0.0;
    for (size_t i = channel; i < values.size(); i += 24) {
      sum += double{half_to_float(stored[i])} - double{values[i]};
      smallest = std::min(smallest, std::abs(double{values[i]}));
      largest = std::max(largest, std::abs(double{values[i]}));
    }
    // Half a step of the smallest tap and of what it takes on.
    EXPECT_LE(std::abs(sum), std::ldexp(smallest + std::ldexp(largest, -10), -11)) << channel;
  }
}

TEST(DynamicRangePlan, WeightsOfAtLeast1024Elements) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 6, 6, 8});
  TensorId y = net.conv("large", x, 8, 120, 3, {});
  y = net.conv("small", y, 120, 8, 1, {});
  y = net.depthwise("depthwise", net.conv("wide", y, 8, 128, 1, {}), 128, {});
  y = net.dense("dense", net.mean("mean", y), 128, 9);
  const Model model = net.finish({y});

  const Model dynamic = apply(model, plan_dynamic_range(model));
  EXPECT_EQ(operators(dynamic),
            "CONV_2D:float32>float32 CONV_2D:float32>float32 CONV_2D:float32>float32 "
            "DEPTHWISE_CONV_2D:float32>float32 MEAN:float32>float32 FULLY_CONNECTED:float32>float32");
  EXPECT_EQ(named(dynamic, "large/kernel").quantization->axis, 0);
  EXPECT_EQ(named(dynamic, "large/kernel").quantization->scales.size(), 120u);
  EXPECT_EQ(named(dynamic, "small/kernel").type, ElementType::kFloat32);
  EXPECT_EQ(named(dynamic, "depthwise/kernel").quantization->axis, 3);
  EXPECT_EQ(named(dynamic, "dense/kernel").quantization->axis, -1);
  EXPECT_EQ(named(dynamic, "dense/bias").type, ElementType::kFloat32);
}

TEST(Apply, IntegerConvolutionByHand) {
  const Model model = one_convolution({1.27f, -0.5f, 0.0f, 0.0f}, {0.5f, 0.25f});
  const Model quantized = apply(model, plan_for(model, {{"x", {0, 2.55f}}, {"y", {0, 5.1f}}}));
  EXPECT_EQ(operators(quantized), "QUANTIZE:float32>int8 CONV_2D:int8>int8 DEQUANTIZE:int8>float32");
  const Tensor& kernel = named(quantized, "k");
  EXPECT_EQ(quantized.constant_values<int8_t>(kernel.constant), (std::vector<int8_t>{127, -50, 0, 0}));
  EXPECT_FLOAT_EQ(kernel.quantization->scales[0], 0.01f);
  // The kernel of zeros gets the floor of the output's scale over 2^24 input steps, larger than 0.25 / (0.01 * 2^29).
  EXPECT_FLOAT_EQ(kernel.quantization->scales[1], 0.02f / 0.01f * 0x1p-24f);
  const Tensor& bias = named(quantized, "b");
  EXPECT_EQ(bias.type, ElementType::kInt32);
  EXPECT_EQ(bias.quantization->axis, 0);
  EXPECT_FLOAT_EQ(bias.quantization->scales[0], 0.01f * 0.01f);
  EXPECT_EQ(bias.quantization->zero_points, (std::vector<int32_t>{0, 0}));
  const auto codes = quantized.constant_values<int32_t>(bias.constant);
  EXPECT_EQ(codes[0], 5000);
  EXPECT_NEAR(static_cast<float>(codes[1]) * bias.quantization->scales[1], 0.25f, 1e-6f);
  EXPECT_EQ(*named(quantized, "y").quantization, (Quantization{{5.1f / 255}, {-128}}));
}

TEST(Apply, LargeBiasRaisesTheWeightScale) {
  const Model model = one_convolution({1e-9f, 0.0f}, {1000.0f});
  const Model quantized = apply(model, plan_for(model, {{"x", {0, 2.55f}}, {"y", {0, 0.01f}}}));
  const auto codes = quantized.constant_values<int32_t>(named(quantized, "b").constant);
  EXPECT_NEAR(codes[0], 1 << 29, 64);
}

TEST(Apply, InputsAndOutputsOfEachType) {
  const Model model = one_convolution({1, 1}, {0});
  struct Case {
    ElementType io;
    const char* operators;
    int32_t input_zero_point;
  };
  for (const Case& c :
       {Case{ElementType::kFloat32, "QUANTIZE:float32>int8 CONV_2D:int8>int8 DEQUANTIZE:int8>float32", -128},
        Case{ElementType::kInt8, "CONV_2D:int8>int8", -128},
        Case{ElementType::kUInt8, "QUANTIZE:uint8>int8 CONV_2D:int8>int8 QUANTIZE:int8>uint8", 0}}) {
    const Model quantized = apply(model, plan_for(model, {{"x", {0, 200}}, {"y", {-1, 50}}}, c.io, true));
    EXPECT_EQ(operators(quantized), c.operators);
    const Graph& graph = quantized.main();
    const Tensor& input = graph.tensors[graph.inputs[0]];
    EXPECT_EQ(input.name, "x");
    EXPECT_EQ(input.type, c.io);
    EXPECT_EQ(graph.tensors[graph.outputs[0]].type, c.io);
    EXPECT_EQ(quantized.signatures[0].inputs[0].tensor, graph.inputs[0]);
    EXPECT_EQ(quantized.signatures[0].outputs[0].tensor, graph.outputs[0]);
    if (c.io != ElementType::kFloat32) {
      EXPECT_EQ(*input.quantization, (Quantization{{1.0f}, {c.input_zero_point}}));
    }
  }
}

TEST(Apply, PicturesPaddedWithTheMiddleKeepTheirCodes) {
  NetworkBuilder net;
  const TensorId x = net.input("image", {Shape::kFree, 4, 4, 3});
  const TensorId paddings = net.integers("paddings", {4, 2}, {0, 0, 0, 1, 0, 1, 0, 0});
  const TensorId padded = net.node("pad", Op::kPadV2, {x, paddings, net.constant("middle", {1}, {127.5f})});
  const Model model = net.finish({net.conv("conv", padded, 3, 4, 3, {})});
  const Model quantized = apply(
      model, plan_for(model, {{"image", {0, 250}}, {"pad", {0, 250}}, {"conv", {-3, 3}}}, ElementType::kInt8, true));
  const Quantization pixels{{1.0f}, {-128}};
  EXPECT_EQ(operators(quantized), "PADV2:int8>int8 CONV_2D:int8>int8");
  EXPECT_EQ(*named(quantized, "image").quantization, pixels);
  EXPECT_EQ(*named(quantized, "pad").quantization, pixels);
  EXPECT_EQ(*named(quantized, "middle").quantization, pixels);
  EXPECT_EQ(quantized.constant_values<int8_t>(named(quantized, "middle").constant), std::vector<int8_t>{0});
  EXPECT_EQ(named(quantized, "paddings").type, ElementType::kInt32);
}

TEST(Apply, ChainsShareTheirInputsParameters) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 4, 4, 2});
  TensorId y = net.conv("conv", x, 2, 2, 1, {});
  y = net.node("pool", Op::kMaxPool2d, {y},
               Pool2dAttributes{.stride_h = 2, .stride_w = 2, .filter_h = 2, .filter_w = 2});
  y = net.node("reshape", Op::kReshape, {y, net.integers("shape", {2}, {-1, 8})}, ReshapeAttributes{});
  const Model model = net.finish({y});
  const QuantizationPlan plan =
      plan_for(model, {{"x", {-1, 1}}, {"conv", {-4, 6}}, {"pool", {-2, 6}}, {"reshape", {-2, 6}}}, ElementType::kInt8);
  const Model quantized = apply(model, plan);
  EXPECT_EQ(operators(quantized), "CONV_2D:int8>int8 MAX_POOL_2D:int8>int8 RESHAPE:int8>int8");
  EXPECT_EQ(*named(quantized, "pool").quantization, *named(quantized, "conv").quantization);
  EXPECT_EQ(*named(quantized, "reshape").quantization, asymmetric_quantization({-4, 6}));
}

TEST(Apply, ConcatenationSharesOneSetButLeavesFixedOutputsAlone) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 2, 2, 2});
  const TensorId a = net.conv("a", x, 2, 2, 1, {});
  const TensorId b = net.conv("b", x, 2, 2, 1, {});
  const TensorId gate = net.node("gate", Op::kLogistic, {a});
  const TensorId joined = net.node("joined", Op::kConcatenation, {a, b, gate}, ConcatenationAttributes{.axis = 3});
  const Model model = net.finish({joined});
  const Model quantized = apply(
      model, plan_for(model, {{"x", {-1, 1}}, {"a", {-4, 1}}, {"b", {0, 6}}, {"gate", {0, 1}}, {"joined", {-4, 6}}},
                      ElementType::kInt8));
  EXPECT_EQ(operators(quantized),
            "CONV_2D:int8>int8 CONV_2D:int8>int8 LOGISTIC:int8>int8 QUANTIZE:int8>int8 CONCATENATION:int8>int8");
  const Quantization joint = asymmetric_quantization({-4, 6});
  EXPECT_EQ(*named(quantized, "a").quantization, joint);
  EXPECT_EQ(*named(quantized, "b").quantization, joint);
  EXPECT_EQ(*named(quantized, "gate").quantization, (Quantization{{1.0f / 256}, {-128}}));
  EXPECT_EQ(*named(quantized, "gate_requantized").quantization, joint);
}

TEST(Apply, OperatorsWithoutIntegerFormStayFloat) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 2, 2, 2});
  const TensorId a = net.conv("a", x, 2, 2, 1, {});
  const TensorId root = net.node("root", Op::kSqrt, {net.node("square", Op::kSquare, {a})});
  const Model model = net.finish({net.conv("b", root, 2, 2, 1, {})});
  const QuantizationPlan plan =
      plan_for(model, {{"x", {-1, 1}}, {"a", {-4, 1}}, {"square", {0, 16}}, {"root", {0, 4}}, {"b", {-1, 1}}});
  EXPECT_EQ(operators(apply(model, plan)),
            "QUANTIZE:float32>int8 CONV_2D:int8>int8 DEQUANTIZE:int8>float32 SQUARE:float32>float32 "
            "SQRT:float32>float32 QUANTIZE:float32>int8 CONV_2D:int8>int8 DEQUANTIZE:int8>float32");
  const auto floats = float_nodes(model, plan);
  ASSERT_EQ(floats.size(), 2u);
  EXPECT_EQ(floats[0].origin, "square");
  EXPECT_EQ(floats[1].op, Op::kSqrt);
}

TEST(Apply, CorrectedBiasReplacesOrAddsOne) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 2, 2, 2});
  const TensorId k = net.constant("k", {1, 1, 1, 2}, {1.27f, 1.0f});
  const Model model = net.finish({net.node("y", Op::kConv2d, {x, k}, Conv2dAttributes{})});
  QuantizationPlan plan = plan_for(model, {{"x", {0, 2.55f}}, {"y", {-1, 1}}});
  EXPECT_EQ(apply(model, plan).main().nodes[1].inputs.size(), 2u);
  plan.nodes[0].bias = {0.5f};
  const Model quantized = apply(model, plan);
  const Tensor& bias = named(quantized, "y_bias");
  EXPECT_EQ(bias.shape, Shape{1});
  EXPECT_EQ(quantized.constant_values<int32_t>(bias.constant), std::vector<int32_t>{5000});
}

TEST(Apply, CodesOfThePlanAreWritten) {
  const Model model = one_convolution({1.27f, 1.0f}, {0});
  QuantizationPlan plan = plan_for(model, {{"x", {0, 1}}, {"y", {0, 1}}});
  const auto written = [&] {
    const Model quantized = apply(model, plan);
    return quantized.constant_values<int8_t>(named(quantized, "k").constant);
  };
  EXPECT_EQ(written(), (std::vector<int8_t>{127, 100}));
  plan.tensors[model.main().nodes[0].inputs[1]].codes = {126, 102};
  EXPECT_EQ(written(), (std::vector<int8_t>{126, 102}));
}

// Six layers: int4 are the 1x1 convolution and the dense layer within, per channel.
TEST(Apply, Int4WeightsOfInnerMatrixProducts) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 4, 4, 3});
  const auto layer = [&](const char* name, Op op, TensorId input, const Shape& shape, Attributes attributes) {
    const TensorId kernel = net.constant(std::string(name) + "_k", shape, net.random(shape.elements(), 1.0f));
    return net.node(name, op, {input, kernel}, std::move(attributes));
  };
  TensorId y = layer("first", Op::kConv2d, x, {8, 1, 1, 3}, Conv2dAttributes{});
  y = layer("depthwise", Op::kDepthwiseConv2d, y, {1, 3, 3, 8}, DepthwiseConv2dAttributes{});
  y = layer("pointwise", Op::kConv2d, y, {5, 1, 1, 8}, Conv2dAttributes{});
  y = layer("spatial", Op::kConv2d, y, {7, 2, 2, 5}, Conv2dAttributes{});
  y = layer("dense", Op::kFullyConnected, y, {9, 7}, FullyConnectedAttributes{});
  const Model model = net.finish({layer("last", Op::kFullyConnected, y, {3, 9}, FullyConnectedAttributes{})});
  std::vector<std::pair<std::string, CalibratedRange>> ranges;
  for (const char* name : {"x", "first", "depthwise", "pointwise", "spatial", "dense", "last"}) {
    ranges.push_back({name, {-1, 1}});
  }
  QuantizationPlan plan = plan_for(model, ranges, ElementType::kFloat32, false, ElementType::kInt4);
  const Model quantized = apply(model, plan);
  for (const char* name : {"first_k", "depthwise_k", "spatial_k", "last_k"}) {
    EXPECT_EQ(named(quantized, name).type, ElementType::kInt8) << name;
  }
  for (const char* name : {"pointwise_k", "dense_k"}) {
    const Tensor& kernel = named(quantized, name);
    EXPECT_EQ(kernel.type, ElementType::kInt4) << name;
    EXPECT_EQ(kernel.quantization->axis, 0) << name;
    EXPECT_EQ(kernel.quantization->scales.size(), static_cast<size_t>(kernel.shape[0])) << name;
    const auto bytes = quantized.constant_values<uint8_t>(kernel.constant);
    EXPECT_EQ(bytes.size(), static_cast<size_t>((kernel.shape.elements() + 1) / 2)) << name;
    EXPECT_TRUE(std::ranges::none_of(bytes, [](uint8_t b) { return (b & 15) == 8 || b >> 4 == 8; })) << name;
  }
  EXPECT_EQ(named(apply(model, plan_for(model, ranges)), "pointwise_k").type, ElementType::kInt8);

  plan.tensors[model.main().nodes[1].inputs[1]].type = ElementType::kInt4;
  EXPECT_EQ(error_of([&] { (void)apply(model, plan); }), "depthwise: its weights cannot be int4");
}

TEST(Apply, RefusesPlansThatDoNotFit) {
  const Model model = one_convolution({1, 1}, {0});
  const QuantizationPlan good = plan_for(model, {{"x", {0, 1}}, {"y", {0, 1}}});
  const TensorId x = model.main().inputs[0], y = model.main().outputs[0], k = model.main().nodes[0].inputs[1];
  struct Case {
    const char* name;
    std::function<void(QuantizationPlan&)> spoil;
    const char* error;
  };
  for (const Case& c : {
           Case{"digest", [](QuantizationPlan& p) { ++p.model_digest; },
                "the quantization plan was made for another revision of the model"},
           Case{"size", [](QuantizationPlan& p) { p.tensors.pop_back(); },
                "the quantization plan was made for another revision of the model"},
           Case{"io", [](QuantizationPlan& p) { p.io_type = ElementType::kInt32; },
                "inputs and outputs can be float32, int8 or uint8"},
           Case{"float input", [&](QuantizationPlan& p) { p.tensors[x] = {}; },
                "y: half quantized: an input is not planned as int8"},
           Case{"float output", [&](QuantizationPlan& p) { p.tensors[y] = {}; },
                "y: an integer node with a float output"},
           Case{"float weights", [&](QuantizationPlan& p) { p.tensors[k] = {}; },
                "y: half quantized: its weights are not planned as int8 or int4"},
           Case{"weight zero point", [&](QuantizationPlan& p) { p.tensors[k].quantization->zero_points[0] = 1; },
                "y: its weights need one positive scale for each output channel and zero points 0"},
           Case{"codes", [&](QuantizationPlan& p) { p.tensors[k].codes = {1}; },
                "y: its weights do not have one code in -127..127 for each value"},
           Case{"code -128", [&](QuantizationPlan& p) { p.tensors[k].codes = {1, -128}; },
                "y: its weights do not have one code in -127..127 for each value"},
           Case{"activation scale", [&](QuantizationPlan& p) { p.tensors[y].quantization->scales[0] = 0; },
                "y: planned as int8 without one positive scale and a zero point in -128..127"},
           Case{"bias", [](QuantizationPlan& p) { p.nodes[0].bias = {1, 2}; },
                "y: its bias does not have one value for each channel"},
           Case{"infinite bias", [](QuantizationPlan& p) { p.nodes[0].bias = {INFINITY}; },
                "y: its bias is not finite"},
       }) {
    QuantizationPlan plan = good;
    c.spoil(plan);
    EXPECT_EQ(error_of([&] { (void)apply(model, plan); }), c.error) << c.name;
  }
  EXPECT_EQ(error_of([&] { (void)apply(model, good); }), "no error");
}

TEST(Apply, FixedOutputsAreChecked) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 3});
  const Model model = net.finish({net.node("y", Op::kSoftmax, {x}, SoftmaxAttributes{})});
  QuantizationPlan plan = plan_for(model, {{"x", {0, 1}}, {"y", {0, 1}}});
  plan.tensors[model.main().outputs[0]].quantization->scales[0] = 0.5f;
  EXPECT_EQ(error_of([&] { (void)apply(model, plan); }),
            "y: its output needs the operator's fixed scale and zero point");
  plan.nodes[0].arithmetic = NodeArithmetic::kHybrid;
  EXPECT_EQ(error_of([&] { (void)apply(model, plan); }), "y: planned with quantized weights, but it has none");
}

}  // namespace
}  // namespace burin
