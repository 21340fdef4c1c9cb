#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(ArithmeticReference, BroadcastsAsNumPy) {
  OperatorCall call(Op::kSub, ArithmeticAttributes{});
  call.floats({2, 1, 2}, {10, 20, 30, 40}).floats({3, 1}, {1, 2, 3});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{9, 19, 8, 18, 7, 17, 29, 39, 28, 38, 27, 37}));
  EXPECT_EQ(call.shape(), (Shape{2, 3, 2}));
  OperatorCall scalar(Op::kMul, ArithmeticAttributes{FusedActivation::kRelu6});
  scalar.floats({}, {2}).floats({3}, {-1, 2, 5});
  EXPECT_EQ(scalar.values<float>(), (std::vector<float>{0, 4, 6}));
}

TEST(ArithmeticReference, IntegersWrap) {
  OperatorCall call(Op::kAdd, ArithmeticAttributes{});
  call.integers({2}, {INT32_MAX, 5}).integers({1}, {1});
  EXPECT_EQ(call.values<int32_t>(), (std::vector<int32_t>{INT32_MIN, 6}));
}

TEST(ArithmeticReference, Int8SumInBothArithmetics) {
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kAdd, ArithmeticAttributes{}, arithmetic);
    call.int8({3}, {10, -20, 127}, 0.5f, 0).int8({3}, {8, 4, 127}, 0.25f, 0);
    call.output(ElementType::kInt8, {{0.5f}, {-1}, -1});
    EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{13, -19, 127}));
  }
}

// 1 / sqrt(4 * 0.25) = 1, 1 / sqrt(9 * 0.25) = 0.67 and of the smallest number 2, in steps of 0.1.
TEST(UnaryReference, Int8Rsqrt) {
  OperatorCall call(Op::kRsqrt);
  call.int8({4}, {-6, -1, -9, -10}, 0.25f, -10).output(ElementType::kInt8, {{0.1f}, {-5}, -1});
  EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{5, 2, 15, 127}));
  OperatorCall negative(Op::kRsqrt);
  negative.int8({2}, {1, -1}, 0.25f, 0).output(ElementType::kInt8, {{0.1f}, {0}, -1});
  EXPECT_EQ(negative.error(), "RSQRT: an input value is negative");
}

TEST(ArithmeticReference, SaysWhatDoesNotFit) {
  OperatorCall shapes(Op::kAdd, ArithmeticAttributes{});
  shapes.unknown(ElementType::kFloat32, {2, 3}).unknown(ElementType::kFloat32, {2});
  EXPECT_EQ(shapes.error(), "operands of shapes 2x3 and 2 do not broadcast");
  OperatorCall types(Op::kAdd, ArithmeticAttributes{});
  types.unknown(ElementType::kFloat32, {2}).unknown(ElementType::kInt32, {2});
  EXPECT_EQ(types.error(), "operands are float32 and int32");
  OperatorCall zero(Op::kDiv, ArithmeticAttributes{});
  zero.integers({1}, {1}).integers({1}, {0}).output(ElementType::kInt32);
  EXPECT_EQ(zero.error(), "DIV: division of integers by zero");
  OperatorCall scales(Op::kMaximum);
  scales.int8({1}, {1}, 0.5f, 0).int8({1}, {1}, 0.25f, 0).output(ElementType::kInt8, {{0.5f}, {0}, -1});
  EXPECT_EQ(scales.error(), "MAXIMUM: input 1 and the output differ in scale or zero point");
}

}  // namespace
}  // namespace burin
