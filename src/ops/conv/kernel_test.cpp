#include "ops/conv/kernel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "kernel_expectations.hpp"

namespace burin {
namespace {

using runtime::InstructionSet;

struct Case {
  const char* name;
  int32_t batch, height, width, channels;
  int32_t kernel_h, kernel_w, outputs;  // outputs: of a depthwise convolution channels * multiplier
  int32_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::kSame;
  FusedActivation activation = FusedActivation::kNone;
  int32_t groups = 1;
  bool bias = true;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
std::string case_name(const testing::TestParamInfo<Case>& info) { return info.param.name; }

int32_t output_size(int32_t input, int32_t kernel, int32_t stride, int32_t dilation, Padding padding) {
  const int32_t effective = (kernel - 1) * dilation + 1;
  return padding == Padding::kSame ? (input + stride - 1) / stride : (input - effective) / stride + 1;
}

Shape output_shape(const Case& c) {
  return {c.batch, output_size(c.height, c.kernel_h, c.stride_h, c.dilation_h, c.padding),
          output_size(c.width, c.kernel_w, c.stride_w, c.dilation_w, c.padding), c.outputs};
}

Conv2dAttributes conv_attributes(const Case& c) {
  return {c.padding, c.stride_h, c.stride_w, c.dilation_h, c.dilation_w, c.activation};
}

DepthwiseConv2dAttributes depthwise_attributes(const Case& c) {
  return {c.padding, c.stride_h, c.stride_w, c.dilation_h, c.dilation_w, c.outputs / c.channels, c.activation};
}

constexpr auto kNone = FusedActivation::kNone;
constexpr auto kRelu = FusedActivation::kRelu;
constexpr auto kRelu6 = FusedActivation::kRelu6;
constexpr auto kSame = Padding::kSame;
constexpr auto kValid = Padding::kValid;

const Case kConvolutions[] = {
    {"Pointwise", 1, 7, 5, 17, 1, 1, 29},
    {"PointwiseOneByOne", 1, 1, 1, 1, 1, 1, 1},
    {"PointwiseNarrow", 1, 9, 7, 24, 1, 1, 8},
    {"PointwiseWide", 2, 6, 5, 40, 1, 1, 100, 1, 1, 1, 1, kSame, kRelu6},
    {"PointwiseStride2", 1, 9, 8, 12, 1, 1, 20, 2, 2},
    {"PointwiseStrideOneAxis", 1, 8, 9, 3, 1, 1, 33, 2, 1},
    {"PointwiseManyRows", 1, 31, 30, 16, 1, 1, 24},
    {"PointwiseDeep", 1, 9, 15, 1100, 1, 1, 40, 1, 1, 1, 1, kSame, kRelu6},
    {"PointwiseFewRowsManyColumns", 1, 1, 3, 64, 1, 1, 300},
    {"NoBias", 1, 5, 5, 8, 1, 1, 16, 1, 1, 1, 1, kSame, kRelu, 1, false},
    {"First", 1, 15, 17, 3, 3, 3, 32, 2, 2, 1, 1, kSame, kRelu6},
    {"FirstValid", 2, 15, 16, 3, 3, 3, 16, 2, 2, 1, 1, kValid, kRelu},
    {"FirstManyRows", 2, 40, 41, 3, 3, 3, 30, 2, 2, 1, 1, kSame, kRelu6},
    {"FirstOneChannel", 1, 49, 10, 1, 10, 4, 64, 2, 2},
    {"FirstNarrowerThanItsKernel", 1, 9, 3, 2, 5, 5, 12},
    {"FirstDilatedRows", 1, 14, 9, 3, 3, 3, 10, 1, 1, 3, 1},
    {"Kernel3", 1, 9, 11, 19, 3, 3, 23},
    {"Kernel3Deep", 1, 6, 5, 130, 3, 3, 17},
    {"Kernel5x2", 1, 10, 9, 7, 5, 2, 13},
    {"Kernel7Stride3", 1, 23, 20, 5, 7, 7, 41, 3, 3},
    {"KernelLargerThanImage", 1, 2, 3, 4, 5, 5, 6},
    {"Dilated", 1, 12, 11, 6, 3, 3, 15, 1, 1, 2, 3},
    {"DilatedValid", 2, 13, 12, 6, 3, 2, 15, 1, 1, 3, 2, kValid},
    {"StrideAndDilation", 1, 13, 14, 5, 3, 3, 9, 2, 2, 2, 2},
    {"Groups", 1, 7, 7, 12, 3, 3, 20, 1, 1, 1, 1, kSame, kNone, 4},
    {"GroupsOfOne", 1, 6, 7, 5, 3, 3, 10, 1, 1, 1, 1, kSame, kNone, 5},
    {"GroupsPointwise", 2, 5, 4, 18, 1, 1, 27, 1, 1, 1, 1, kSame, kRelu, 3},
    {"Channels100", 1, 4, 4, 100, 3, 3, 99, 1, 1, 1, 1, kSame, kRelu6},
};

const Case kDepthwise[] = {
    {"One", 1, 1, 1, 1, 1, 1, 1},
    {"Kernel3", 1, 9, 11, 19, 3, 3, 19},
    {"Kernel3Channels32", 2, 8, 7, 32, 3, 3, 32, 1, 1, 1, 1, kSame, kRelu6},
    {"Kernel3Channels100", 1, 14, 14, 100, 3, 3, 100, 1, 1, 1, 1, kSame, kRelu6},
    {"Stride2", 1, 15, 14, 24, 3, 3, 24, 2, 2, 1, 1, kSame, kRelu6},
    {"Stride2Valid", 1, 15, 14, 33, 3, 3, 33, 2, 2, 1, 1, kValid},
    {"Stride3By1", 1, 13, 17, 10, 3, 3, 10, 3, 1},
    {"Kernel5", 1, 12, 19, 7, 5, 5, 7},
    {"Kernel5Stride2", 1, 12, 19, 40, 5, 5, 40, 2, 2},
    {"Kernel3Planes", 1, 14, 14, 72, 3, 3, 72, 1, 1, 1, 1, kSame, kRelu},
    {"Kernel3Width7", 3, 7, 7, 80, 3, 3, 80, 1, 1, 1, 1, kSame, kRelu6},
    {"Kernel3ManyRows", 1, 61, 40, 48, 3, 3, 48},
    {"Stride2ManyRows", 1, 90, 33, 40, 3, 3, 40, 2, 2, 1, 1, kSame, kRelu6},
    {"Kernel5Width28", 2, 28, 28, 24, 5, 5, 24},
    {"Kernel5Stride2Planes", 1, 30, 29, 56, 5, 5, 56, 2, 2, 1, 1, kValid},
    {"Kernel3x5", 1, 9, 9, 16, 3, 5, 16},
    {"Stride4", 1, 18, 19, 9, 3, 3, 9, 4, 4},
    {"Kernel2x4", 1, 9, 8, 16, 2, 4, 16},
    {"Kernel8", 1, 5, 21, 9, 8, 8, 9},
    {"Dilated", 1, 12, 11, 18, 3, 3, 18, 1, 1, 2, 2},
    {"DilatedWiderThanImage", 1, 4, 3, 8, 3, 3, 8, 1, 1, 4, 5},
    {"StrideAndDilation", 1, 17, 15, 12, 3, 3, 12, 2, 2, 2, 3},
    {"NarrowImage", 1, 20, 2, 16, 3, 3, 16},
    {"Multiplier2", 1, 6, 7, 5, 3, 3, 10},
    {"Multiplier8OneChannel", 1, 9, 10, 1, 4, 3, 8, 2, 2, 1, 1, kSame, kRelu},
    {"Multiplier3", 2, 6, 5, 11, 3, 3, 33, 1, 1, 1, 1, kValid, kNone, 1, false},
};

OneOperator float_operator(const Case& c, Attributes attributes, const Shape& kernel) {
  OneOperator one(std::move(attributes));
  one.add_input<float>(ElementType::kFloat32, {c.batch, c.height, c.width, c.channels}, -2, 2, false);
  one.add_input<float>(ElementType::kFloat32, kernel, -1, 1, true);
  if (c.bias) one.add_input<float>(ElementType::kFloat32, {c.outputs}, -1, 1, true);
  one.set_output(ElementType::kFloat32, output_shape(c));
  return one;
}

// Parameters of an int8 convolution of that depth, so that codes use the whole range and some are clamped.
struct Int8Parameters {
  Quantization input, weights, bias, output;

  Int8Parameters(int64_t depth, int32_t channels, int axis, int32_t input_zero_point, int32_t output_zero_point) {
    input = {{0.05f}, {input_zero_point}, -1};
    output = {{0.02f * std::sqrt(static_cast<float>(depth))}, {output_zero_point}, -1};
    weights.axis = axis;
    for (int32_t i = 0; i < (axis < 0 ? 1 : channels); ++i) {
      weights.scales.push_back(0.003f * (1.0f + 0.37f * static_cast<float>(i % 7)));
      weights.zero_points.push_back(0);
    }
    bias = weights;
  }
};

struct ZeroPoints {
  int32_t input, output;
};
constexpr ZeroPoints kZeroPoints[] = {{0, 0}, {-128, 127}, {127, -128}, {-3, 17}};

OneOperator int8_operator(const Case& c, Attributes attributes, Arithmetic arithmetic, const Shape& kernel,
                          const Int8Parameters& parameters, ElementType weights = ElementType::kInt8) {
  OneOperator one(std::move(attributes), arithmetic);
  const Shape input{c.batch, c.height, c.width, c.channels};
  one.add_input<int8_t>(ElementType::kInt8, input, -128, 127, false, &parameters.input);
  one.add_codes(weights, kernel, &parameters.weights);
  if (c.bias) one.add_input<int32_t>(ElementType::kInt32, {c.outputs}, -30000, 30000, true, &parameters.bias);
  one.set_output(ElementType::kInt8, output_shape(c), &parameters.output);
  return one;
}

class Convolution : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Cases, Convolution, testing::ValuesIn(kConvolutions), case_name);

TEST_P(Convolution, Float) {
  const Case& c = GetParam();
  const Shape kernel{c.outputs, c.kernel_h, c.kernel_w, c.channels / c.groups};
  expect_float_kernel(float_operator(c, conv_attributes(c), kernel), Op::kConv2d, prepare_conv2d_f32);
}

TEST_P(Convolution, Int8) {
  const Case& c = GetParam();
  const Shape kernel{c.outputs, c.kernel_h, c.kernel_w, c.channels / c.groups};
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const ZeroPoints& zero_points : kZeroPoints) {
      const Int8Parameters parameters(kernel.elements() / c.outputs, c.outputs, zero_points.input == 0 ? -1 : 0,
                                      zero_points.input, zero_points.output);
      SCOPED_TRACE(zero_points.input);
      expect_equal_kernel(int8_operator(c, conv_attributes(c), arithmetic, kernel, parameters), Op::kConv2d,
                          prepare_conv2d_int8);
    }
  }
}

// Every code occurs, -8 too.
TEST_P(Convolution, Int4) {
  const Case& c = GetParam();
  const Shape kernel{c.outputs, c.kernel_h, c.kernel_w, c.channels / c.groups};
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const ZeroPoints& zero_points : kZeroPoints) {
      Int8Parameters parameters(kernel.elements() / c.outputs, c.outputs, zero_points.input == 0 ? -1 : 0,
                                zero_points.input, zero_points.output);
      for (float& scale : parameters.weights.scales) scale *= 16;
      SCOPED_TRACE(zero_points.input);
      expect_equal_kernel(int8_operator(c, conv_attributes(c), arithmetic, kernel, parameters, ElementType::kInt4),
                          Op::kConv2d, prepare_conv2d_int8);
    }
  }
}

// Dead channels, whose bias is as large as converters let it become, and scales above 1.
TEST(ConvolutionKernel, Int4ChannelsWithoutWeightsAndLargeScales) {
  const Case c{"", 1, 23, 21, 24, 1, 1, 144};
  const Shape kernel{c.outputs, 1, 1, c.channels};
  for (const int32_t zero_point : {-128, 3}) {
    Int8Parameters parameters(c.channels, c.outputs, 0, -7, zero_point);
    parameters.output.scales = {0.02f};
    for (size_t i = 0; i < parameters.weights.scales.size(); ++i)
      parameters.weights.scales[i] = i % 10 == 3 ? 1e-8f : i % 10 == 4 ? 1.3f : 0.05f;
    OneOperator one = int8_operator(c, conv_attributes(c), Arithmetic::kLitert, kernel, parameters, ElementType::kInt4);
    for (size_t channel = 3; channel < static_cast<size_t>(c.outputs); channel += 10) {
      const size_t row = static_cast<size_t>(c.channels) / 2;
      std::fill_n(one.input_bytes(1).begin() + static_cast<std::ptrdiff_t>(channel * row), row, std::byte{0});
      const int32_t bias = channel % 20 == 3 ? 1 << 29 : -(1 << 29);
      std::memcpy(one.input_bytes(2).data() + channel * sizeof(bias), &bias, sizeof(bias));
    }
    expect_equal_kernel(one, Op::kConv2d, prepare_conv2d_int8);
  }
}

OneOperator hybrid_operator(const Case& c, Attributes attributes, Arithmetic arithmetic, const Shape& kernel,
                            const Quantization& weights) {
  OneOperator one(std::move(attributes), arithmetic);
  one.add_input<float>(ElementType::kFloat32, {c.batch, c.height, c.width, c.channels}, -2, 5, false);
  one.add_input<int8_t>(ElementType::kInt8, kernel, -127, 127, true, &weights);
  if (c.bias) one.add_input<float>(ElementType::kFloat32, {c.outputs}, -1, 1, true);
  one.set_output(ElementType::kFloat32, output_shape(c));
  return one;
}

TEST_P(Convolution, Hybrid) {
  const Case& c = GetParam();
  const Shape kernel{c.outputs, c.kernel_h, c.kernel_w, c.channels / c.groups};
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const int axis : {-1, 0}) {
      const Quantization weights = Int8Parameters(1, c.outputs, axis, 0, 0).weights;
      expect_equal_kernel(hybrid_operator(c, conv_attributes(c), arithmetic, kernel, weights), Op::kConv2d,
                          prepare_conv2d_hybrid);
    }
  }
}

class DepthwiseConvolution : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Cases, DepthwiseConvolution, testing::ValuesIn(kDepthwise), case_name);

TEST_P(DepthwiseConvolution, Float) {
  const Case& c = GetParam();
  const Shape kernel{1, c.kernel_h, c.kernel_w, c.outputs};
  expect_float_kernel(float_operator(c, depthwise_attributes(c), kernel), Op::kDepthwiseConv2d,
                      prepare_depthwise_conv2d_f32);
}

TEST_P(DepthwiseConvolution, Int8) {
  const Case& c = GetParam();
  const Shape kernel{1, c.kernel_h, c.kernel_w, c.outputs};
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    for (const ZeroPoints& zero_points : kZeroPoints) {
      const Int8Parameters parameters(c.kernel_h * c.kernel_w, c.outputs, zero_points.input == 0 ? -1 : 3,
                                      zero_points.input, zero_points.output);
      SCOPED_TRACE(zero_points.input);
      expect_equal_kernel(int8_operator(c, depthwise_attributes(c), arithmetic, kernel, parameters),
                          Op::kDepthwiseConv2d, prepare_depthwise_conv2d_int8);
    }
  }
}

TEST_P(DepthwiseConvolution, Hybrid) {
  const Case& c = GetParam();
  const Shape kernel{1, c.kernel_h, c.kernel_w, c.outputs};
  for (const int axis : {-1, 3}) {
    const Quantization weights = Int8Parameters(1, c.outputs, axis, 0, 0).weights;
    expect_equal_kernel(hybrid_operator(c, depthwise_attributes(c), Arithmetic::kLitert, kernel, weights),
                        Op::kDepthwiseConv2d, prepare_depthwise_conv2d_hybrid);
  }
}

TEST(ConvolutionKernel, NeedsConstantWeights) {
  OneOperator one(Conv2dAttributes{});
  one.add_input<float>(ElementType::kFloat32, {1, 4, 4, 2}, -1, 1, false);
  one.add_input<float>(ElementType::kFloat32, {3, 1, 1, 2}, -1, 1, false);
  one.set_output(ElementType::kFloat32, {1, 4, 4, 3});
  const runtime::PreparedResult kernel = one.prepare(prepare_conv2d_f32, InstructionSet::kPortable);
  ASSERT_TRUE(kernel.is_ok());
  EXPECT_EQ(kernel.value(), nullptr);
}

// Half of all products lie halfway between two codes.
TEST(ConvolutionKernel, TiesRoundToEven) {
  const Case c{"Ties", 1, 9, 10, 64, 1, 1, 32};
  const Case depthwise{"TiesOfDepthwise", 1, 9, 10, 32, 3, 3, 32};
  for (const ZeroPoints& zero_points : {ZeroPoints{-128, -128}, ZeroPoints{3, -128}, ZeroPoints{0, 5}}) {
    for (const float scale : {0.5f, 0.0078125f, 0.001953125f}) {
      Int8Parameters parameters(1, 32, -1, zero_points.input, zero_points.output);
      parameters.input.scales = parameters.output.scales = {1.0f};
      parameters.weights.scales = parameters.bias.scales = {scale};
      expect_equal_kernel(int8_operator(c, conv_attributes(c), Arithmetic::kLitert, {32, 1, 1, 64}, parameters),
                          Op::kConv2d, prepare_conv2d_int8);
      expect_equal_kernel(
          int8_operator(depthwise, depthwise_attributes(depthwise), Arithmetic::kLitert, {1, 3, 3, 32}, parameters),
          Op::kDepthwiseConv2d, prepare_depthwise_conv2d_int8);
    }
  }
}

// Then the border would be as large as the window; the reference needs none.
TEST(ConvolutionKernel, DepthwiseWindowsFarWiderThanTheImageAreRefused) {
  for (const int32_t dilation : {3, 1 << 20}) {
    const Case c{"", 1, 4, 4, 8, 3, 3, 8, 1, 1, dilation, dilation};
    const OneOperator one = float_operator(c, depthwise_attributes(c), {1, 3, 3, 8});
    const runtime::PreparedResult kernel = one.prepare(prepare_depthwise_conv2d_f32, InstructionSet::kPortable);
    ASSERT_TRUE(kernel.is_ok());
    EXPECT_EQ(kernel.value() != nullptr, dilation == 3);
  }
}

// Scratch memory must not grow with the image.
TEST(ConvolutionKernel, ScratchDoesNotDependOnTheImage) {
  size_t bytes[2];
  for (const int i : {0, 1}) {
    const Case c{"", 1, 40 << i, 50 << i, 16, 3, 3, 8};
    const OneOperator one = float_operator(c, conv_attributes(c), {8, 3, 3, 16});
    const runtime::PreparedResult kernel = one.prepare(prepare_conv2d_f32, InstructionSet::kPortable);
    bytes[i] = kernel.value()->scratch_bytes(2);
    EXPECT_GE(kernel.value()->packed_bytes(), 8u * 3 * 3 * 16 * 4);
  }
  EXPECT_EQ(bytes[0], bytes[1]);
}

}  // namespace
}  // namespace burin
