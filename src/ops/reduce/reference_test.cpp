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

}  // namespace
}  // namespace burin
