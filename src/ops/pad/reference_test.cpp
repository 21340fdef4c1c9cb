#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(PadReference, FillsWithZeroPointOrConstant) {
  OperatorCall pad(Op::kPad);
  pad.int8({2}, {1, 2}, 0.5f, -7).integers({1, 2}, {1, 2}).output(ElementType::kInt8, {{0.5f}, {-7}, -1});
  EXPECT_EQ(pad.values<int8_t>(), (std::vector<int8_t>{-7, 1, 2, -7, -7}));
  OperatorCall constant(Op::kPadV2);
  constant.floats({1, 2}, {1, 2}).integers({2, 2}, {0, 1, 1, 0}).floats({}, {127.5f});
  EXPECT_EQ(constant.values<float>(), (std::vector<float>{127.5f, 1, 2, 127.5f, 127.5f, 127.5f}));
  OperatorCall negative(Op::kPad);
  negative.floats({1}, {1}).integers({1, 2}, {-1, 0});
  EXPECT_EQ(negative.error(), "PAD: padding -1, 0 of dimension 0 is out of range");
  OperatorCall flat(Op::kPad);
  flat.floats({1}, {1}).integers({2}, {1, 0});
  EXPECT_EQ(flat.error(), "PAD: paddings of shape 2 for an input of shape 1; [rank, 2] is expected");
}

}  // namespace
}  // namespace burin
