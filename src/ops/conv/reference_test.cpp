#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

constexpr auto kNone = FusedActivation::kNone;

TEST(Conv2dReference, SameStrideTwoPadsTheOddOneAfter) {
  // 1x4x1 with kernel 1x3, stride 2: outputs 2, total padding 1, none before: sums of (1,2,3) and (3,4,-).
  OperatorCall call(Op::kConv2d, Conv2dAttributes{Padding::kSame, 2, 2, 1, 1, kNone});
  call.floats({1, 1, 4, 1}, {1, 2, 3, 4}).floats({1, 1, 3, 1}, {1, 10, 100}).floats({1}, {0.5f});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{321.5f, 43.5f}));
  EXPECT_EQ(call.shape(), (Shape{1, 1, 2, 1}));
}

TEST(Conv2dReference, GroupsReadTheirOwnChannels) {
  OperatorCall call(Op::kConv2d, Conv2dAttributes{});
  call.floats({1, 1, 1, 4}, {1, 2, 3, 4}).floats({2, 1, 1, 2}, {1, 10, 1, 10});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{21, 43}));
}

TEST(Conv2dReference, DilationAndFusedActivation) {
  OperatorCall call(Op::kConv2d, Conv2dAttributes{Padding::kValid, 1, 1, 1, 2, FusedActivation::kRelu6});
  call.floats({1, 1, 5, 1}, {1, -9, 3, 4, 5}).floats({1, 1, 2, 1}, {1, 1});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{4, 0, 6}));
}

TEST(Conv2dReference, Int8PaddingIsTheZeroPoint) {
  // Codes less zero point: (1, 2, 3); kernel (1, 1, 1); products 3, 6, 5 times 0.5 * 0.5 / 0.25.
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kConv2d, Conv2dAttributes{Padding::kSame, 1, 1, 1, 1, kNone}, arithmetic);
    call.int8({1, 1, 3, 1}, {6, 7, 8}, 0.5f, 5).int8({1, 1, 3, 1}, {1, 1, 1}, 0.5f, 0);
    call.output(ElementType::kInt8, {{0.25f}, {-3}, -1});
    EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{0, 3, 2}));
  }
}

TEST(Conv2dReference, ArithmeticsDifferWhereTheSecondRoundingDoes) {
  // 5 * 0.5 = 2.5: half to even gives 2, half away from zero 3.
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kConv2d, Conv2dAttributes{}, arithmetic);
    call.int8({1, 1, 1, 1}, {5}, 1.0f, 0).int8({1, 1, 1, 1}, {1}, 0.5f, 0);
    call.output(ElementType::kInt8, {{1.0f}, {0}, -1});
    EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{arithmetic == Arithmetic::kLitert ? int8_t{2} : int8_t{3}}));
  }
}

TEST(Conv2dReference, ReferenceRoundsTwice) {
  // 10 * 0.2495: 9.98 quarters are rounded to 10, 2.5 to 3.
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kConv2d, Conv2dAttributes{}, arithmetic);
    call.int8({1, 1, 1, 1}, {10}, 1.0f, 0).int8({1, 1, 1, 1}, {1}, 0.2495f, 0);
    call.output(ElementType::kInt8, {{1.0f}, {0}, -1});
    EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{arithmetic == Arithmetic::kLitert ? int8_t{2} : int8_t{3}}));
  }
}

TEST(Conv2dReference, ScalesOfUint8AreMultipliedInFloat) {
  // 1.5 (1 + 2^-13) (1 - 2^-13) is 1.5 in float, less in double; 2 * 1.5 / 2 then rounds to 2 or to 1.
  const Quantization input{{1.5f + 1.5f * 0x1p-13f}, {0}, -1}, weight{{1.0f - 0x1p-13f}, {0}, -1},
      output{{2.0f}, {0}, -1};
  OperatorCall unsigned_codes(Op::kConv2d, Conv2dAttributes{}, Arithmetic::kReference);
  unsigned_codes.input<uint8_t>(ElementType::kUInt8, {1, 1, 1, 1}, {2}, input);
  unsigned_codes.input<uint8_t>(ElementType::kUInt8, {1, 1, 1, 1}, {1}, weight).output(ElementType::kUInt8, output);
  EXPECT_EQ(unsigned_codes.values<uint8_t>(), (std::vector<uint8_t>{2}));
  OperatorCall signed_codes(Op::kConv2d, Conv2dAttributes{}, Arithmetic::kReference);
  signed_codes.input<int8_t>(ElementType::kInt8, {1, 1, 1, 1}, {2}, input);
  signed_codes.input<int8_t>(ElementType::kInt8, {1, 1, 1, 1}, {1}, weight).output(ElementType::kInt8, output);
  EXPECT_EQ(signed_codes.values<int8_t>(), (std::vector<int8_t>{1}));
}

TEST(Conv2dReference, Int4WeightsAreTwoPerByte) {
  OperatorCall call(Op::kConv2d, Conv2dAttributes{});
  call.int8({1, 1, 1, 3}, {1, 10, 100}, 1.0f, 0);
  // 7, -8, 1
  call.input<uint8_t>(ElementType::kInt4, {1, 1, 1, 3}, {0x87, 0x01}, {{1.0f}, {0}, -1});
  call.output(ElementType::kInt8, {{1.0f}, {0}, -1});
  EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{27}));
}

TEST(DepthwiseReference, MultiplierRepeatsChannels) {
  OperatorCall call(Op::kDepthwiseConv2d, DepthwiseConv2dAttributes{Padding::kValid, 1, 1, 1, 1, 2, kNone});
  call.floats({1, 1, 1, 2}, {3, 5}).floats({1, 1, 1, 4}, {1, 2, 3, 4}).floats({4}, {0, 0, 0, 100});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{3, 6, 15, 120}));
}

struct Misfit {
  const char* name;
  Op op;
  Attributes attributes;
  Shape input, kernel, bias;
  const char* message;
};

TEST(ConvShape, SaysWhatDoesNotFit) {
  const Conv2dAttributes plain;
  const Misfit table[] = {
      {"channels", Op::kConv2d, plain, {1, 4, 4, 3}, {8, 1, 1, 4}, {8}, "CONV_2D: input has 3 channels, the kernel 4"},
      {"groups",
       Op::kConv2d,
       plain,
       {1, 4, 4, 6},
       {5, 1, 1, 2},
       {5},
       "CONV_2D: 5 output channels do not divide into 3 groups"},
      {"rank", Op::kConv2d, plain, {4, 4, 3}, {8, 1, 1, 3}, {8}, "CONV_2D: input has shape 4x4x3, not 4 dimensions"},
      {"kernel", Op::kConv2d, plain, {1, 4, 4, 3}, {8, 0, 1, 3}, {8}, "CONV_2D: kernel of shape 8x0x1x3 is empty"},
      {"window",
       Op::kConv2d,
       plain,
       {1, 2, 9, 3},
       {8, 3, 3, 3},
       {8},
       "CONV_2D: input height 2 is smaller than the window's 3"},
      {"bias", Op::kConv2d, plain, {1, 4, 4, 3}, {8, 1, 1, 3}, {7}, "CONV_2D: bias has shape 7 for 8 output channels"},
      {"stride",
       Op::kConv2d,
       Conv2dAttributes{Padding::kSame, 0, 1},
       {1, 4, 4, 3},
       {8, 1, 1, 3},
       {8},
       "CONV_2D: kernel, stride and dilation must be at least 1"},
      {"huge dilation",
       Op::kConv2d,
       Conv2dAttributes{Padding::kSame, 1, 1, INT32_MAX, 1},
       {1, 4, 4, 3},
       {8, 3, 1, 3},
       {8},
       "CONV_2D: the window's height is too large"},
      {"depthwise",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{},
       {1, 4, 4, 3},
       {1, 1, 1, 4},
       {4},
       "DEPTHWISE_CONV_2D: input has 3 channels, the kernel 4, not a multiple"},
  };
  for (const Misfit& row : table) {
    OperatorCall call(row.op, row.attributes);
    call.unknown(ElementType::kFloat32, row.input).unknown(ElementType::kFloat32, row.kernel);
    call.unknown(ElementType::kFloat32, row.bias);
    EXPECT_EQ(call.error(), row.message) << row.name;
  }
}

TEST(ConvTypes, UnsupportedOnesAreNamed) {
  OperatorCall call(Op::kConv2d, Conv2dAttributes{});
  call.integers({1, 1, 1, 1}, {1}).integers({1, 1, 1, 1}, {1}).output(ElementType::kInt32);
  EXPECT_EQ(call.error(), "CONV_2D does not take int32 weights with int32 activations");
  OperatorCall bare(Op::kConv2d, Conv2dAttributes{});
  bare.input<int8_t>(ElementType::kInt8, {1, 1, 1, 1}, {1}).input<int8_t>(ElementType::kInt8, {1, 1, 1, 1}, {1});
  bare.output(ElementType::kInt8);
  EXPECT_EQ(bare.error(), "CONV_2D: weights without quantization parameters");
}

}  // namespace
}  // namespace burin
