#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(PoolReference, AveragesOnlyWhatIsInside) {
  OperatorCall average(Op::kAveragePool2d, Pool2dAttributes{Padding::kSame, 1, 1, 1, 3, FusedActivation::kNone});
  average.floats({1, 1, 3, 1}, {3, 6, 12});
  EXPECT_EQ(average.values<float>(), (std::vector<float>{4.5f, 7, 9}));
  OperatorCall codes(Op::kAveragePool2d, Pool2dAttributes{Padding::kValid, 1, 1, 1, 2, FusedActivation::kNone});
  codes.int8({1, 1, 3, 1}, {-3, -2, 5}, 0.5f, 0).output(ElementType::kInt8, {{0.5f}, {0}, -1});
  EXPECT_EQ(codes.values<int8_t>(), (std::vector<int8_t>{-3, 2}));
  OperatorCall largest(Op::kMaxPool2d, Pool2dAttributes{Padding::kSame, 2, 2, 2, 2, FusedActivation::kNone});
  largest.floats({1, 1, 3, 1}, {-5, -6, -7});
  EXPECT_EQ(largest.values<float>(), (std::vector<float>{-5, -7}));
}

}  // namespace
}  // namespace burin
