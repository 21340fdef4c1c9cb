#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(FullyConnectedReference, FlattensUnlessTold) {
  OperatorCall call(Op::kFullyConnected, FullyConnectedAttributes{});
  call.floats({1, 2, 2}, {1, 2, 3, 4}).floats({3, 2}, {1, 0, 0, 1, 1, 1}).floats({3}, {10, 20, 30});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{11, 22, 33, 13, 24, 37}));
  EXPECT_EQ(call.shape(), (Shape{2, 3}));
  OperatorCall kept(Op::kFullyConnected, FullyConnectedAttributes{true, false, FusedActivation::kRelu});
  kept.floats({1, 2, 2}, {1, 2, 3, -4}).floats({1, 2}, {1, 1});
  EXPECT_EQ(kept.values<float>(), (std::vector<float>{3, 0}));
  EXPECT_EQ(kept.shape(), (Shape{1, 2, 1}));
}

TEST(FullyConnectedReference, HybridRowsHaveTheirOwnScale) {
  // Row (127, -127): scale 1, exact in the symmetric coding; row (1.27, 0): scale 0.01.
  OperatorCall call(Op::kFullyConnected, FullyConnectedAttributes{}, Arithmetic::kReference);
  call.floats({2, 2}, {127, -127, 1.27f, 0}).int8({1, 2}, {3, 1}, 0.5f, 0).floats({1}, {1});
  const std::vector<float> y = call.values<float>();
  ASSERT_EQ(y.size(), 2u);
  EXPECT_FLOAT_EQ(y[0], 128.0f);
  EXPECT_FLOAT_EQ(y[1], 2.905f);
}

// 10 * 0.2495 = 2.495, and 10 * 0.25 = 2.5; LiteRT's reference kernel rounds them once, half away from zero.
TEST(FullyConnectedReference, RoundsOnce) {
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kFullyConnected, FullyConnectedAttributes{}, arithmetic);
    call.int8({2, 1}, {10, -10}, 1.0f, 0).int8({1, 1}, {1}, 0.2495f, 0);
    call.output(ElementType::kInt8, {{1.0f}, {0}, -1});
    EXPECT_EQ(call.values<int8_t>(), (std::vector<int8_t>{2, -2}));
    OperatorCall tie(Op::kFullyConnected, FullyConnectedAttributes{}, arithmetic);
    tie.int8({2, 1}, {10, -10}, 1.0f, 0).int8({1, 1}, {1}, 0.25f, 0);
    tie.output(ElementType::kInt8, {{1.0f}, {0}, -1});
    const int8_t two_and_a_half = arithmetic == Arithmetic::kLitert ? 2 : 3;
    EXPECT_EQ(tie.values<int8_t>(), (std::vector<int8_t>{two_and_a_half, static_cast<int8_t>(-two_and_a_half)}));
    OperatorCall wide(Op::kFullyConnected, FullyConnectedAttributes{}, arithmetic);
    wide.input<int16_t>(ElementType::kInt16, {2, 1}, {10, -10}, {{1.0f}, {0}, -1}).int8({1, 1}, {1}, 0.25f, 0);
    wide.output(ElementType::kInt16, {{1.0f}, {0}, -1});
    EXPECT_EQ(wide.values<int16_t>(), (std::vector<int16_t>{3, -3}));
  }
}

TEST(FullyConnectedReference, SaysWhatDoesNotFit) {
  OperatorCall call(Op::kFullyConnected, FullyConnectedAttributes{});
  call.unknown(ElementType::kFloat32, {2, 5}).unknown(ElementType::kFloat32, {3, 4});
  EXPECT_EQ(call.error(), "FULLY_CONNECTED: input has shape 2x5, the weights take 4 values");
  OperatorCall bias(Op::kFullyConnected, FullyConnectedAttributes{});
  bias.unknown(ElementType::kFloat32, {2, 4})
      .unknown(ElementType::kFloat32, {3, 4})
      .unknown(ElementType::kFloat32, {4});
  EXPECT_EQ(bias.error(), "FULLY_CONNECTED: bias has shape 4 for 3 outputs");
}

}  // namespace
}  // namespace burin
