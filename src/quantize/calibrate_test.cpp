#include "quantize/calibrate.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "quantize/test_networks.hpp"

namespace burin {
namespace {

class GivenSamples : public SampleSource {
 public:
  explicit GivenSamples(std::vector<std::vector<float>> samples) : samples_(std::move(samples)) {}
  size_t size() const override { return samples_.size(); }
  void load(size_t index, std::span<const std::span<float>> inputs) const override {
    std::ranges::copy(samples_[index], inputs[0].begin());
  }

 private:
  std::vector<std::vector<float>> samples_;
};

TEST(Calibrate, RangesAndMeansByHand) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 1, 2, 1});
  const TensorId k = net.constant("k", {2, 1, 1, 1}, {1, -1});
  const TensorId b = net.constant("b", {2}, {0, 0.5f});
  const Model model =
      net.finish({net.node("y", Op::kConv2d, {x, k, b}, Conv2dAttributes{.activation = FusedActivation::kRelu6})});
  const Calibration calibration = calibrate(model, GivenSamples({{1, 2}, {8, -4}}));
  EXPECT_EQ(calibration.ranges[x].min, -4);
  EXPECT_EQ(calibration.ranges[x].max, 8);
  const TensorId y = model.main().outputs[0];
  EXPECT_EQ(calibration.ranges[y].min, 0);
  EXPECT_EQ(calibration.ranges[y].max, 6);
  EXPECT_FALSE(calibration.is_pixels[0]);
  const ChannelStatistics& node = calibration.nodes[0];
  EXPECT_EQ(node.count, 4);
  EXPECT_EQ(node.sum, (std::vector<double>{7, -5}));             // 1+2+8-4; -0.5-1.5-7.5+4.5
  EXPECT_EQ(node.activated_sum, (std::vector<double>{9, 4.5}));  // 1+2+6+0; 0+0+0+4.5
  EXPECT_EQ(node.max, (std::vector<float>{8, 4.5f}));
}

TEST(Calibrate, ZeroBelongsToEveryRange) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 2});
  const Model model = net.finish({net.node("y", Op::kAdd, {x, net.constant("c", {1}, {1})}, ArithmeticAttributes{})});
  const Calibration calibration = calibrate(model, GivenSamples({{3, 5}}));
  EXPECT_EQ(calibration.ranges[x].min, 0);
  EXPECT_EQ(calibration.ranges[x].max, 5);
  EXPECT_EQ(calibration.ranges[model.main().outputs[0]].max, 6);
  EXPECT_TRUE(calibration.is_pixels[0]);
}

TEST(Calibrate, SameBitsForAnyNumberOfThreads) {
  const Model model = residual_network();
  const UniformSamples samples(11, -1, 1);
  const Calibration one = calibrate(model, samples, 1);
  for (const int threads : {2, 3, 16}) {
    const Calibration other = calibrate(model, samples, threads);
    for (TensorId id = 0; id < model.main().tensors.size(); ++id) {
      EXPECT_EQ(one.ranges[id].min, other.ranges[id].min);
      EXPECT_EQ(one.ranges[id].max, other.ranges[id].max);
    }
    for (NodeId id = 0; id < model.main().nodes.size(); ++id) {
      EXPECT_EQ(one.nodes[id].sum, other.nodes[id].sum);
      EXPECT_EQ(one.nodes[id].activated_sum, other.nodes[id].activated_sum);
      EXPECT_EQ(one.nodes[id].count, other.nodes[id].count);
    }
  }
}

TEST(Calibrate, NamesTheLayerThatIsNotFinite) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 1, 1, 1});
  const TensorId k = net.constant("k", {1, 1, 1, 1}, {std::numeric_limits<float>::max()});
  const TensorId b = net.constant("b", {1}, {0});
  const TensorId y = net.node("middle", Op::kConv2d, {x, k, b}, Conv2dAttributes{});
  const Model model = net.finish({net.node("last", Op::kRelu, {y})});
  try {
    calibrate(model, GivenSamples({{1}, {4}}), 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "middle: its output on the calibration samples is not finite");
    EXPECT_FALSE(error.status().remedy().empty());
  }
}

TEST(Calibrate, RefusesAnEmptySource) {
  const Model model = residual_network();
  try {
    calibrate(model, GivenSamples({}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "there are no calibration samples");
  }
}

}  // namespace
}  // namespace burin
