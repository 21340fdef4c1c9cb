#include "quantize/layer_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>

#include "ops/toolkit_operator.hpp"
#include "quantize/channel_statistics.hpp"
#include "quantize/sum_statistics.hpp"

namespace burin {
namespace {

// Keeps all sums as floats, which hold them exactly here.
class Keep final : public gemm::SumsConsumer {
 public:
  Keep(std::vector<float>& values, int64_t channels) : values_(values), channels_(channels) {}
  void consume(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums,
               int64_t stride) const override {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        values_[static_cast<size_t>((row + r) * channels_ + channel + c)] = static_cast<float>(sums[r * stride + c]);
      }
    }
  }

 private:
  std::vector<float>& values_;
  int64_t channels_;
};

TEST(LayerSums, AreThoseOfTheOperatorInFloat) {
  struct Case {
    std::string name;
    Op op;
    Attributes attributes;
    Shape input, kernel, output;
  };
  const Conv2dAttributes conv{.padding = Padding::kSame, .stride_h = 2, .stride_w = 1};
  for (const Case& c : {
           Case{"convolution", Op::kConv2d, conv, {1, 7, 9, 5}, {70, 3, 3, 5}, {1, 4, 9, 70}},
           Case{"two groups", Op::kConv2d, conv, {1, 7, 9, 6}, {4, 1, 2, 3}, {1, 4, 9, 4}},
           Case{"depthwise",
                Op::kDepthwiseConv2d,
                DepthwiseConv2dAttributes{.padding = Padding::kSame},
                {1, 6, 5, 17},
                {1, 3, 3, 17},
                {1, 6, 5, 17}},
           Case{"multiplier",
                Op::kDepthwiseConv2d,
                DepthwiseConv2dAttributes{.depth_multiplier = 2},
                {1, 6, 5, 3},
                {1, 3, 2, 6},
                {1, 4, 4, 6}},
           Case{"dense", Op::kFullyConnected, FullyConnectedAttributes{}, {3, 20}, {7, 20}, {3, 7}},
       }) {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> code(-128, 127);
    constexpr int32_t kZeroPoint = -3;
    std::vector<int8_t> codes(static_cast<size_t>(c.input.elements()));
    std::vector<int8_t> weights(static_cast<size_t>(c.kernel.elements()));
    std::vector<float> input, kernel;
    for (int8_t& value : codes) {
      value = static_cast<int8_t>(code(random));
      input.push_back(static_cast<float>(value - kZeroPoint));
    }
    for (int8_t& value : weights) {
      value = static_cast<int8_t>(code(random));
      kernel.push_back(value);
    }
    std::vector<float> expected(static_cast<size_t>(c.output.elements()));
    const std::array<TensorView, 2> inputs{
        TensorView{reinterpret_cast<const std::byte*>(input.data()), ElementType::kFloat32, c.input},
        TensorView{reinterpret_cast<const std::byte*>(kernel.data()), ElementType::kFloat32, c.kernel}};
    const MutableTensorView output{reinterpret_cast<std::byte*>(expected.data()), ElementType::kFloat32, c.output};
    ASSERT_TRUE(any_operator(c.op).evaluate({inputs, {&output, 1}, c.attributes, {}}).is_ok()) << c.name;

    const LayerSums layer({.op = c.op, .inputs = {}, .outputs = {}, .attributes = c.attributes}, c.input, c.kernel,
                          weights, kZeroPoint);
    std::vector<float> sums(expected.size(), -1.0f);
    std::vector<std::byte> scratch;
    layer.run(codes.data(), Keep(sums, c.output.back()), scratch);
    EXPECT_EQ(sums, expected) << c.name;
    EXPECT_EQ(layer.rows() * static_cast<size_t>(c.output.back()), expected.size()) << c.name;
  }
}

TEST(SumStatistics, MeansByHand) {
  // Values 2 * sum + 1, activated to 0..6: one channel of two, in two tiles.
  SumStatistics statistics({1, 2}, {0, 1}, {0, 6}, std::vector<float>{6, 6});
  statistics.begin_sample(3, 0);
  const std::array<int32_t, 2> first{-1, 2};
  const std::array<int32_t, 1> last{5};
  statistics.add(0, 1, 2, 1, first.data(), 1);
  statistics.add(2, 1, 1, 1, last.data(), 1);
  EXPECT_DOUBLE_EQ(statistics.mean(1), (-1 + 5 + 11) / 3.0);
  // The interval's ends lie between two sums: -0.5 and 2.5, of which the even ones are taken.
  EXPECT_DOUBLE_EQ(statistics.activated_mean(1), (1 + 5 + 5) / 3.0);
  EXPECT_NEAR(statistics.histogram()->linear_share(1, 0), 1 / 3.0, 1e-9);
  const SumStatistics half = statistics;
  statistics.add(half);
  EXPECT_DOUBLE_EQ(statistics.mean(1), 5);
}

TEST(SumStatistics, CountTheSameRowsAsTheFloatStatistics) {
  constexpr int64_t kRows = 1000, kTile = 7;
  std::vector<int32_t> sums(kRows);
  std::vector<float> values(kRows);
  for (size_t i = 0; i < sums.size(); ++i) values[i] = static_cast<float>(sums[i] = static_cast<int32_t>(i * i % 4096));
  for (const size_t sample : {0u, 1u, 5u, 12u}) {
    ChannelStatistics floats;
    floats.reset(1);
    floats.add(values, {-INFINITY, INFINITY}, sample);
    EXPECT_LT(floats.count, 200);
    SumStatistics integers({1}, {0}, {-INFINITY, INFINITY}, std::vector<float>{1});
    integers.begin_sample(kRows, sample);
    for (int64_t row = 0; row < kRows; row += kTile) {
      integers.add(row, 0, std::min(kTile, kRows - row), 1, sums.data() + row, 1);
    }
    EXPECT_DOUBLE_EQ(integers.mean(0), floats.sum[0] / floats.count) << sample;
    EXPECT_EQ(integers.histogram(), nullptr);
  }
}

}  // namespace
}  // namespace burin
