#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(SourceReference, BatchNormalizationAndRescaling) {
  OperatorCall batch(Op::kBatchNormalization, BatchNormalizationAttributes{-1, 0.0f, true, true});
  batch.floats({1, 2}, {3, 10}).floats({2}, {2, 1}).floats({2}, {1, -1}).floats({2}, {1, 4}).floats({2}, {4, 16});
  EXPECT_EQ(batch.values<float>(), (std::vector<float>{3, 0.5f}));
  OperatorCall rescaling(Op::kRescaling, RescalingAttributes{{0.5f}, {-1, 1}});
  rescaling.floats({1, 2}, {4, 8});
  EXPECT_EQ(rescaling.values<float>(), (std::vector<float>{1, 5}));
}

}  // namespace
}  // namespace burin
