#include "ops/requantize.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace burin {
namespace {

TEST(Requantize, LitertRoundsHalfToEven) {
  EXPECT_EQ(requantize_litert(5, 0.5f, 0, -128, 127), 2);
  EXPECT_EQ(requantize_litert(7, 0.5f, 0, -128, 127), 4);
  EXPECT_EQ(requantize_litert(-5, 0.5f, 0, -128, 127), -2);
  EXPECT_EQ(requantize_litert(5, 0.5f, 10, -128, 127), 12);
  EXPECT_EQ(requantize_litert(std::numeric_limits<int32_t>::max(), 1e30f, -5, -128, 127), 127);
  EXPECT_EQ(requantize_litert(std::numeric_limits<int32_t>::min(), 1e30f, 5, -128, 127), -128);
}

TEST(Requantize, MultiplierOfOneHalfAndOfThree) {
  EXPECT_EQ(quantize_multiplier(0.5).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(0.5).shift, 0);
  EXPECT_EQ(quantize_multiplier(3.0).multiplier, 3 << 29);
  EXPECT_EQ(quantize_multiplier(3.0).shift, 2);
  EXPECT_EQ(quantize_multiplier(0.0).multiplier, 0);
  EXPECT_EQ(quantize_multiplier(1e-30).multiplier, 0);
  EXPECT_EQ(quantize_multiplier(std::numeric_limits<double>::infinity()).shift, 30);  // saturates
  // The fraction rounds up to 1: the next power of two.
  EXPECT_EQ(quantize_multiplier(1.0 - 1e-12).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(1.0 - 1e-12).shift, 1);
}

TEST(Requantize, ReferenceRoundsTwice) {
  // 454.4615 in quarters: 1817.85 -> 1818, then 454.5 -> 455.
  EXPECT_EQ(rounding_divide_by_power_of_two(1818, 2), 455);
  EXPECT_EQ(rounding_divide_by_power_of_two(-1818, 2), -455);
  EXPECT_EQ(rounding_divide_by_power_of_two(-1817, 2), -454);
  EXPECT_EQ(rounding_divide_by_power_of_two(7, 0), 7);
  const int32_t lowest = std::numeric_limits<int32_t>::min();
  EXPECT_EQ(saturating_rounding_doubling_high_mul(lowest, lowest), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(saturating_rounding_doubling_high_mul(3, 1 << 30), 2);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(-3, 1 << 30), -1);
  EXPECT_EQ(multiply_by_quantized_multiplier(int32_t{100}, quantize_multiplier(0.75)), 75);
  EXPECT_EQ(multiply_by_quantized_multiplier(int32_t{-100}, quantize_multiplier(2.5)), -250);
  EXPECT_EQ(multiply_by_quantized_multiplier(int64_t{1} << 40, quantize_multiplier(0x1p-30)), 1 << 10);
  EXPECT_EQ(multiply_by_quantized_multiplier(int64_t{1} << 60, quantize_multiplier(1.0)),
            std::numeric_limits<int32_t>::max());
}

TEST(Requantize, OnceInDoubleIsHalfAwayFromZero) {
  const CodeRange codes = code_range(ElementType::kInt8);
  EXPECT_EQ(requantize_once(5, 0.5, 0, codes), 3);
  EXPECT_EQ(requantize_once(-5, 0.5, 0, codes), -3);
  EXPECT_EQ(requantize_once(10, 0.2495, 7, codes), 9);
  EXPECT_EQ(multiply_by_quantized_multiplier(int32_t{10}, quantize_multiplier(0.2495)), 3);  // 9.98 -> 10, 2.5 -> 3
  EXPECT_EQ(requantize_once(int64_t{1} << 40, 1e30, 0, codes), 127);
  EXPECT_EQ(requantize_once(-(int64_t{1} << 40), 1e30, 0, codes), -128);
}

TEST(Requantize, ActivationsAsCodes) {
  const CodeRange relu6 = activation_code_range(FusedActivation::kRelu6, ElementType::kInt8, 0.05f, -100);
  EXPECT_EQ(relu6.min, -100);
  EXPECT_EQ(relu6.max, 20);
  const CodeRange one = activation_code_range(FusedActivation::kReluN1To1, ElementType::kUInt8, 0.01f, 50);
  EXPECT_EQ(one.min, 0);
  EXPECT_EQ(one.max, 150);
  EXPECT_EQ(quantize_value(0.25f, 0.1f, 3, code_range(ElementType::kInt8)), 6);  // 2.5 away from zero
  EXPECT_EQ(quantize_value(-0.25f, 0.1f, 3, code_range(ElementType::kInt8)), 0);
  EXPECT_EQ(quantize_value(std::nanf(""), 0.1f, 3, code_range(ElementType::kInt8)), -128);
  EXPECT_EQ(quantize_value(1e30f, 1e-30f, 3, code_range(ElementType::kInt8)), 127);
}

TEST(HalfPrecision, EveryHalfSurvives) {
  for (uint32_t half = 0; half < 65536; ++half) {
    const float value = half_to_float(static_cast<uint16_t>(half));
    if (value != value) continue;
    ASSERT_EQ(float_to_half(value), half);
  }
}

TEST(HalfPrecision, RoundsToNearestEven) {
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3c00);
  EXPECT_EQ(float_to_half(1.0f + 3 * 0x1p-11f), 0x3c02);
  EXPECT_EQ(float_to_half(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(0x1p-25f), 0);
  EXPECT_EQ(float_to_half(0x1.8p-25f), 1);
  EXPECT_EQ(float_to_half(-0x1p-14f), 0x8400);
  EXPECT_EQ(float_to_half(std::nanf("")) & 0x7e00, 0x7e00);
}

}  // namespace
}  // namespace burin
