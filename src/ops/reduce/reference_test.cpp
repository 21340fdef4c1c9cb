#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(ReduceReference, MeanSumAndMaximum) {
  OperatorCall mean(Op::kMean, ReduceAttributes{true});
  mean.floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).integers({2}, {0, -1});
  EXPECT_EQ(mean.values<float>(), (std::vector<float>{3.5f, 5.5f}));
  EXPECT_EQ(mean.shape(), (Shape{1, 2, 1}));
  OperatorCall largest(Op::kReduceMax, ReduceAttributes{});
  largest.integers({2, 2}, {1, 9, 3, 4}).integers({1}, {0}).output(ElementType::kInt32);
  EXPECT_EQ(largest.values<int32_t>(), (std::vector<int32_t>{3, 9}));
  OperatorCall axis(Op::kSum, ReduceAttributes{});
  axis.unknown(ElementType::kFloat32, {2, 2}).integers({1}, {2});
  EXPECT_EQ(axis.error(), "reduction: input of shape 2x2 has no axis 2");
}

// Means 0.5 and 1.5 with output zero point -3: -2.5 and -1.5 are rounded to the even codes -2 and -2 by litert, to 1
// and 2 above the zero point by reference.
TEST(ReduceReference, TiesOfInt8Means) {
  for (const Arithmetic arithmetic : {Arithmetic::kLitert, Arithmetic::kReference}) {
    OperatorCall call(Op::kMean, ReduceAttributes{}, arithmetic);
    call.int8({1, 1, 2, 2}, {7, 8, 8, 9}, 0.5f, 7).integers({2}, {1, 2}).output(ElementType::kInt8, {{0.5f}, {-3}, -1});
    const bool litert = arithmetic == Arithmetic::kLitert;
    EXPECT_EQ(call.values<int8_t>(), litert ? (std::vector<int8_t>{-2, -2}) : (std::vector<int8_t>{-2, -1}));
  }
}

}  // namespace
}  // namespace burin
