#include "quantize/least_squares_rounding.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "data/random.hpp"
#include "quantize/tap_moments.hpp"

namespace burin {
namespace {

using Codes = std::vector<int8_t>;

TEST(LeastSquaresRounding, ByHand) {
  struct Case {
    const char* name;
    std::vector<double> weights, moments;
    Codes codes;
    double error;
  };
  for (const Case& c : {
           // Both inputs nearly equal. Nearest is {0, 0} and costs 0.16 + 0.09 + 1.8 * 0.12 = 0.466; with one up the
           // errors are 0.6 and -0.3: 0.36 + 0.09 - 1.8 * 0.18.
           Case{"correlated", {0.4, 0.3}, {1, 0.9, 0.9, 1}, {1, 0}, 0.126},
           // Opposite inputs: nearest is {1, 0} and costs 0.09 + 0.16 + 1.8 * 0.12 = 0.466; errors of 0.3 and 0.6 cost
           // 0.09 + 0.36 - 1.8 * 0.18. Rounding in sequence alone stops at {0, 0}, 0.146.
           Case{"opposite", {0.7, 0.4}, {1, -0.9, -0.9, 1}, {1, 1}, 0.126},
           Case{"independent", {0.4, -1.6, 2.5}, {1, 0, 0, 0, 2, 0, 0, 0, 3}, {0, -2, 3}, 0.16 + 2 * 0.16 + 3 * 0.25},
           Case{"at the largest code", {127.0, 126.4}, {1, 0.9, 0.9, 1}, {127, 126}, 0.16},
           Case{"zeros", {0.4, 0.4}, {0, 0, 0, 0}, {0, 0}, 0},
           Case{"not definite", {0.4, 0.4}, {1, 2, 2, 1}, {0, 0}, 0.16 * 6},
           Case{"one weight", {-3.7}, {5}, {-4}, 5 * 0.09},
       }) {
    const Codes codes = round_least_squares(c.weights, c.moments);
    EXPECT_EQ(codes, c.codes) << c.name;
    EXPECT_NEAR(rounding_error(c.weights, codes, c.moments), c.error, 1e-12) << c.name;
  }
}

// H of n inputs that share a common part, each with its own size.
std::vector<double> random_moments(Random& random, size_t n) {
  const size_t rows = 2 * n;
  std::vector<double> inputs(rows * n);
  for (size_t r = 0; r < rows; ++r) {
    const float common = 4 * random.unit();
    for (size_t i = 0; i < n; ++i) inputs[r * n + i] = static_cast<double>(common + random.unit() - 0.5f);
  }
  std::vector<double> moments(n * n);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < n * n; ++i) moments[i] += inputs[r * n + i / n] * inputs[r * n + i % n];
  }
  return moments;
}

TEST(LeastSquaresRounding, BetterThanNearestAndNoSingleStepGains) {
  Random random(5);
  double nearest_sum = 0, chosen_sum = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const size_t n = 2 + static_cast<size_t>(trial % 10);
    std::vector<double> weights(n);
    Codes nearest(n);
    for (size_t i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(254 * random.unit() - 127);
      nearest[i] = static_cast<int8_t>(std::round(weights[i]));
    }
    const std::vector<double> moments = random_moments(random, n);
    const Codes codes = round_least_squares(weights, moments);
    const double error = rounding_error(weights, codes, moments);
    EXPECT_LE(error, rounding_error(weights, nearest, moments)) << trial;
    nearest_sum += rounding_error(weights, nearest, moments);
    chosen_sum += error;
    for (size_t i = 0; i < n; ++i) {
      for (const int step : {-1, 1}) {
        if (std::abs(codes[i] + step) > 127) continue;
        Codes other = codes;
        other[i] = static_cast<int8_t>(other[i] + step);
        EXPECT_GE(rounding_error(weights, other, moments), error * (1 - 1e-9)) << trial << ", weight " << i;
      }
    }
  }
  EXPECT_LT(chosen_sum, nearest_sum / 4);
}

TEST(LeastSquaresRounding, LargeWeightsSaturate) {
  EXPECT_EQ(round_least_squares(std::vector<double>{300, -300}, std::vector<double>{1, 0, 0, 1}), (Codes{127, -127}));
}

TEST(TapMoments, ByHand) {
  // Two taps side by side, the second beyond the picture at the last column; zero point -1, two channels.
  const WindowAxis height{.input = 1, .output = 1, .kernel = 1};
  const WindowAxis width{.input = 3, .output = 3, .kernel = 2};
  TapMoments moments(height, width, 2);
  moments.add(std::vector<int8_t>{0, -1, 1, 4, 2, -2}, -1, 0);  // channel 0: 1, 2, 3; channel 1: 0, 5, -1
  EXPECT_EQ(moments.positions(), 3);
  const auto expect = [&](size_t channel, double first, double product, double second) {
    const double damping = 0.01 * (first + second) / 2;
    const std::vector<double> found = moments.damped(channel);
    EXPECT_DOUBLE_EQ(found[0], first + damping);
    EXPECT_DOUBLE_EQ(found[1], product);
    EXPECT_DOUBLE_EQ(found[2], product);
    EXPECT_DOUBLE_EQ(found[3], second + damping);
  };
  expect(0, (1 + 4 + 9) / 3.0, (2 + 6 + 0) / 3.0, (4 + 9 + 0) / 3.0);
  expect(1, (0 + 25 + 1) / 3.0, (0 - 5 + 0) / 3.0, (25 + 1 + 0) / 3.0);
}

TEST(TapMoments, StridesDilationAndImages) {
  // Output o reads 2 o - 1 and 2 o + 1 of four, in each of two images.
  const WindowAxis height{.input = 1, .output = 1, .kernel = 1};
  const WindowAxis width{.input = 4, .output = 2, .kernel = 2, .stride = 2, .dilation = 2, .pad_before = 1};
  TapMoments moments(height, width, 1);
  moments.add(std::vector<int8_t>{9, 2, 9, 3, 9, 4, 9, 5}, 0, 0);
  EXPECT_EQ(moments.positions(), 4);
  EXPECT_DOUBLE_EQ(moments.damped(0)[1], (0 * 2 + 2 * 3 + 0 * 4 + 4 * 5) / 4.0);
}

TEST(TapMoments, OrderOfSamplesDoesNotMatter) {
  const WindowAxis side{.input = 40, .output = 40, .kernel = 3, .pad_before = 1};
  Random random(3);
  std::vector<std::vector<int8_t>> samples(6, std::vector<int8_t>(40 * 40 * 3));
  for (auto& sample : samples) {
    for (int8_t& code : sample) code = static_cast<int8_t>(256 * random.unit() - 128);
  }
  TapMoments forwards(side, side, 3), first(side, side, 3), second(side, side, 3);
  for (size_t i = 0; i < 6; ++i) forwards.add(samples[i], -128, i);
  for (size_t i = 6; i-- > 0;) (i % 2 == 0 ? first : second).add(samples[i], -128, i);
  second.add(first);
  EXPECT_EQ(forwards.positions(), second.positions());
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(forwards.damped(c), second.damped(c));
  EXPECT_LT(forwards.positions(), 6 * 140);  // a bounded part of 1,600 positions each
  EXPECT_GT(forwards.positions(), 6 * 60);
}

}  // namespace
}  // namespace burin
