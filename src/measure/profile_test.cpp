#include "measure/profile.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "measure/sample_session.hpp"
#include "quantize/test_networks.hpp"

namespace burin {
namespace {

Profile profile_of(const Model& model, int runs) {
  const Program program = make_program(model);
  SampleSession session(program, 1);
  Profiler profiler(model, program, 1);
  for (int i = 0; i < runs; ++i) {
    profiler.begin_run();
    session.invoke(&profiler);
  }
  return profiler.finish();
}

TEST(Profile, WorkByHand) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 6, 6, 3});
  const TensorId y = net.conv("layer/conv", x, 3, 8, 3, {.padding = Padding::kSame});
  const TensorId z = net.node("pool", Op::kMaxPool2d, {y}, Pool2dAttributes{Padding::kValid, 2, 2, 2, 2});
  const Profile profile = profile_of(net.finish({net.dense("dense", net.mean("mean", z), 8, 5)}), 3);
  ASSERT_EQ(profile.steps.size(), 4u);

  const Timed& conv = profile.steps[0].timed;
  EXPECT_EQ(profile.steps[0].layer, "layer/conv");
  EXPECT_EQ(profile.steps[0].name, "CONV_2D");
  EXPECT_EQ(conv.work.multiply_accumulates, 36 * 8 * 27);
  EXPECT_EQ(conv.work.read_bytes, 36 * 3 * 4);
  EXPECT_EQ(conv.work.written_bytes, 36 * 8 * 4);
  EXPECT_EQ(conv.work.weight_bytes, (27 * 8 + 8) * 4);
  EXPECT_DOUBLE_EQ(conv.work.peak_ms, 36 * 8 * 27 * 1e3 / profile.peak.f32);
  EXPECT_DOUBLE_EQ(conv.peak_percent(), 100 * conv.work.peak_ms / conv.median_ms);
  EXPECT_DOUBLE_EQ(conv.gmac_per_s(), 36 * 8 * 27 / conv.median_ms * 1e-6);

  // Counted, but nothing that the peak is about.
  EXPECT_EQ(profile.steps[1].timed.work.multiply_accumulates, 9 * 8 * 4);
  EXPECT_EQ(profile.steps[1].timed.peak_percent(), 0.0);
  EXPECT_EQ(profile.steps[3].timed.work.multiply_accumulates, 8 * 5);
  EXPECT_EQ(profile.steps[3].timed.work.read_bytes, 8 * 4);

  Timed sum;
  for (const StepProfile& step : profile.steps) sum += step.timed;
  EXPECT_DOUBLE_EQ(profile.total.median_ms, sum.median_ms);
  EXPECT_EQ(profile.total.work.multiply_accumulates, 36 * 8 * 27 + 9 * 8 * 4 + 8 * 5);
}

TEST(Profile, FusedStepsCountAllTheirNodesAndNothingBetweenThem) {
  NetworkBuilder net;
  constexpr int64_t kPixels = 14 * 14;
  const TensorId x = net.input("x", {Shape::kFree, 14, 14, 8});
  const TensorId expand = net.conv("block/expand", x, 8, 48, 1, {.activation = FusedActivation::kRelu6});
  const TensorId depthwise =
      net.depthwise("block/depthwise", expand, 48, {.padding = Padding::kSame, .activation = FusedActivation::kRelu6});
  const TensorId project = net.conv("block/project", depthwise, 48, 8, 1, {});
  const Profile profile = profile_of(net.finish({net.node("add", Op::kAdd, {x, project}, ArithmeticAttributes{})}), 1);
  int64_t products = 0;
  for (const StepProfile& step : profile.steps) products += step.timed.work.multiply_accumulates;
  EXPECT_EQ(products, kPixels * (8 * 48 + 48 * 9 + 48 * 8));
  ASSERT_EQ(profile.steps.size(), 1u) << "the chain is not fused";
  const StepProfile& step = profile.steps[0];
  EXPECT_EQ(step.name, "CONV_2D + DEPTHWISE_CONV_2D + CONV_2D + ADD");
  EXPECT_EQ(step.layer, "block/expand + depthwise + project + add");
  EXPECT_EQ(step.timed.work.read_bytes, kPixels * 8 * 4);  // once, though two nodes read it
  EXPECT_EQ(step.timed.work.written_bytes, kPixels * 8 * 4);
  EXPECT_EQ(step.timed.work.weight_bytes, (8 * 48 + 48 + 48 * 9 + 48 + 48 * 8 + 8) * 4);
}

TEST(Profile, TheMeasuredPeakIsANumber) {
  const Peak peak = measure_peak();
  for (const double value : {peak.f32, peak.int8}) {
    EXPECT_TRUE(std::isfinite(value));
    EXPECT_GT(value, 1e6);  // an abacus is slower
  }
}

}  // namespace
}  // namespace burin
