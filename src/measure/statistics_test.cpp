#include "measure/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace burin {
namespace {

TEST(SignalToNoise, IsInDecibels) {
  SignalToNoise ratio;
  ratio.add(3.0f, 3.0f);
  ratio.add(4.0f, 4.5f);
  EXPECT_DOUBLE_EQ(ratio.decibels(), 20.0);
  SignalToNoise equal;
  equal.add(1.0f, 1.0f);
  EXPECT_TRUE(std::isinf(equal.decibels()));
}

TEST(Quantile, InterpolatesAsNumpy) {
  const std::vector<double> values{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(quantile(values, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile(values, 1.0), 4.0);
}

TEST(Top1, LowestIndexAmongEquals) {
  EXPECT_EQ(top1(std::vector<float>{1, 3, 3, 2}), 1u);
  EXPECT_EQ(top1(std::vector<float>{0, 0}), 0u);
  EXPECT_EQ(top1(std::vector<float>{1, NAN, 3}), 1u);
}

TEST(InTop, EqualScoresGoByIndex) {
  const std::vector<float> scores{1, 3, 3, 2};
  EXPECT_TRUE(in_top(scores, 1, 1));
  EXPECT_FALSE(in_top(scores, 2, 1));
  EXPECT_TRUE(in_top(scores, 2, 2));
  EXPECT_TRUE(in_top(scores, 0, 4));
}

TEST(PairedDifference, MeanAndInterval) {
  // 100 samples, 6 lost, 2 won: mean 0.04, variance (8 - 100 * 0.0016) / 99.
  const PairedDifference difference = paired_difference(100, 6, 2);
  EXPECT_DOUBLE_EQ(difference.drop, 0.04);
  const double margin = 1.96 * std::sqrt((8.0 - 0.16) / 99.0 / 100.0);
  EXPECT_NEAR(difference.ci95.low, 0.04 - margin, 1e-12);
  EXPECT_NEAR(difference.ci95.high, 0.04 + margin, 1e-12);
  const PairedDifference none = paired_difference(10, 0, 0);
  EXPECT_EQ(none.ci95.low, 0.0);
  EXPECT_EQ(none.ci95.high, 0.0);
}

}  // namespace
}  // namespace burin
