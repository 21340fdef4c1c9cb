#include "quantize/correct_bias.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "burin/runtime.hpp"
#include "measure/sample_session.hpp"
#include "quantize/activation_cache.hpp"
#include "quantize/channel_histogram.hpp"
#include "quantize/plan_from_ranges.hpp"
#include "quantize/quantize_int8.hpp"
#include "quantize/test_networks.hpp"

namespace burin {
namespace {

// All outputs of all samples, one after the other.
std::vector<float> outputs_of(const Model& model, const SampleSource& samples) {
  SampleSession session(make_program(model), 1);
  std::vector<float> all;
  for (size_t i = 0; i < samples.size(); ++i) {
    session.load(samples, i);
    session.invoke();
    const auto values = session.output(0);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

double signal_to_noise_db(const std::vector<float>& reference, const std::vector<float>& values) {
  double signal = 0, noise = 1e-30;
  for (size_t i = 0; i < reference.size(); ++i) {
    signal += double{reference[i]} * reference[i];
    noise += (double{reference[i]} - values[i]) * (double{reference[i]} - values[i]);
  }
  return 10 * std::log10(signal / noise);
}

// Largest difference between the channels' means.
double mean_error(const std::vector<float>& reference, const std::vector<float>& values, size_t channels) {
  std::vector<double> sums(channels);
  for (size_t i = 0; i < reference.size(); ++i) sums[i % channels] += double{values[i]} - reference[i];
  double largest = 0;
  for (const double sum : sums) largest = std::max(largest, std::abs(sum) * static_cast<double>(channels));
  return largest / static_cast<double>(reference.size());
}

void expect_equal(const QuantizationPlan& a, const QuantizationPlan& b, const std::string& what) {
  EXPECT_EQ(a.model_digest, b.model_digest);
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].type, b.tensors[i].type) << what;
    EXPECT_EQ(a.tensors[i].quantization, b.tensors[i].quantization) << what;
    EXPECT_EQ(a.tensors[i].codes, b.tensors[i].codes) << what;
  }
  for (size_t i = 0; i < a.nodes.size(); ++i) EXPECT_EQ(a.nodes[i].bias, b.nodes[i].bias) << what;
}

TEST(ChannelHistogram, MeansAfterShiftsByHand) {
  struct Case {
    const char* name;
    FloatRange activation;
    float shift;
    double expected;  // of clamp(v + shift) - clamp(v) over -2, -0.5, 0.5, 5.5, 9
    double share;
  };
  const std::vector<float> values = {-2, -0.5f, 0.5f, 5.5f, 9};
  for (const Case& c :
       {Case{"ReLU6, up", {0, 6}, 1, (0 + 0.5 + 1 + 0.5 + 0) / 5, 2.0 / 5},
        Case{"ReLU6, down", {0, 6}, -1, (0 + 0 - 0.5 - 1 + 0) / 5, 1.0 / 5}, Case{"ReLU6, none", {0, 6}, 0, 0, 2.0 / 5},
        Case{"ReLU, up", {0, INFINITY}, 1, (0 + 0.5 + 1 + 1 + 1) / 5, 4.0 / 5},
        Case{"ReLU, down", {0, INFINITY}, -1, (0 + 0 - 0.5 - 1 - 1) / 5, 2.0 / 5},
        Case{"-1..1", {-1, 1}, 0.25f, (0 + 0.25 + 0.25 + 0 + 0) / 5, 2.0 / 5}}) {
    ChannelHistogram histogram(c.activation, std::vector<float>{9.0f});
    for (const float value : values) histogram.count(0, {&value, 1});
    const double resolution = 0.03;
    EXPECT_NEAR(histogram.activated_shift(0, c.shift), c.expected, resolution) << c.name;
    EXPECT_NEAR(histogram.linear_share(0, c.shift), c.share, 1e-9) << c.name;
  }
}

TEST(ChannelHistogram, ChannelsAreApartAndHistogramsAddUp) {
  const std::vector<float> max = {6, 6};
  ChannelHistogram both({0, 6}, max), part({0, 6}, max);
  both.count(0, std::vector<float>{-1, 3});
  part.count(0, std::vector<float>{1});
  part.count(1, std::vector<float>{7});
  both.add(part);
  EXPECT_NEAR(both.linear_share(0, 0), 0.5, 1e-9);
  EXPECT_NEAR(both.linear_share(1, 0), 0.5, 1e-9);
  EXPECT_NEAR(both.activated_shift(1, -2), (-2 - 1) / 2.0, 0.03);
}

TEST(ActivationCache, RecordsInMemoryAndInAFile) {
  for (const int64_t limit : {int64_t{0}, int64_t{25}, int64_t{1000}}) {
    ActivationCache cache(7, 10, limit);
    EXPECT_LE(cache.memory_bytes(), limit);
    std::vector<std::byte> spare;
    for (size_t i = 0; i < 7; ++i) {
      cache.write(i, spare, [&](std::byte* to) { std::fill_n(to, 10, static_cast<std::byte>(i + 1)); });
    }
    for (size_t i = 7; i-- > 0;) {
      const std::span<const std::byte> read = cache.read(i, spare);
      EXPECT_EQ(std::vector<std::byte>(read.begin(), read.end()), std::vector<std::byte>(10, std::byte(i + 1)))
          << limit;
    }
  }
}

TEST(ActivationCache, SaysWhereItCannotWrite) {
  const char* before = std::getenv("TMPDIR");
  const std::string saved = before == nullptr ? "" : before;
  setenv("TMPDIR", "/nonexistent", 1);
  try {
    ActivationCache cache(3, 1000, 0);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot make a temporary file in /nonexistent: No such file or directory");
    EXPECT_EQ(error.status().remedy(), "set TMPDIR to a folder with 1 MB free, or use fewer samples");
  }
  before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", saved.c_str(), 1);
}

TEST(CorrectBias, RestoresTheMeansOfADepthwiseLayer) {
  // Weights that all round in one direction: 0.4 of a step below a code, beside one that sets the scale.
  NetworkBuilder net;
  constexpr int kChannels = 4;
  const TensorId x = net.input("x", {Shape::kFree, 12, 12, kChannels});
  std::vector<float> kernel(9 * kChannels);
  for (size_t i = 0; i < kernel.size(); ++i) kernel[i] = i < kChannels ? -1.27f : 0.104f;
  const TensorId k = net.constant("k", {1, 3, 3, kChannels}, kernel);
  const TensorId b = net.constant("b", {kChannels}, {0.2f, 0.5f, 1.0f, 0.0f});
  for (const FusedActivation activation :
       {FusedActivation::kRelu6, FusedActivation::kRelu, FusedActivation::kReluN1To1, FusedActivation::kNone}) {
    NetworkBuilder copy = net;
    const Model model = copy.finish(
        {copy.node("y", Op::kDepthwiseConv2d, {x, k, b}, DepthwiseConv2dAttributes{.activation = activation})});
    const UniformSamples samples(40, 0, 6);
    const auto reference = outputs_of(model, samples);
    Int8Options options;
    options.correct_bias = false;
    const auto plain = outputs_of(apply(model, plan_int8(model, samples, options)), samples);
    options.correct_bias = true;
    const auto corrected = outputs_of(apply(model, plan_int8(model, samples, options)), samples);
    const double before = mean_error(reference, plain, kChannels);
    const double after = mean_error(reference, corrected, kChannels);
    EXPECT_GT(before, 0.02) << static_cast<int>(activation);
    EXPECT_LT(after, before / 15) << static_cast<int>(activation);
  }
}

// Neighbouring pixels alike, as in pictures.
class SmoothSamples : public SampleSource {
 public:
  size_t size() const override { return 24; }
  void load(size_t index, std::span<const std::span<float>> inputs) const override {
    Random random(index);
    for (const auto& input : inputs) {
      const float base = 3 * random.unit();
      for (float& value : input) value = base + random.unit();
    }
  }
};

TEST(CorrectBias, DepthwiseKernelsAreRoundedByLeastSquares) {
  // One tap sets the scale, the others lie 0.4 of a step above a code.
  const auto kernel = [](size_t taps, size_t channels) {
    std::vector<float> values(taps * channels, 0.104f);
    std::fill_n(values.begin(), channels, -1.27f);
    return values;
  };
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 12, 12, 8});
  const TensorId first_kernel = net.constant("first/kernel", {1, 3, 3, 8}, kernel(9, 8));
  const TensorId first_bias = net.constant("first/bias", {8}, net.random(8, 0.3f));
  const TensorId first = net.node("first", Op::kDepthwiseConv2d, {x, first_kernel, first_bias},
                                  DepthwiseConv2dAttributes{.padding = Padding::kSame});
  const TensorId k = net.constant("wide/kernel", {1, 3, 5, 16}, kernel(15, 16));
  const TensorId b = net.constant("wide/bias", {16}, net.random(16, 0.3f));
  const DepthwiseConv2dAttributes twice{.stride_h = 2, .stride_w = 2, .depth_multiplier = 2};
  const Model model = net.finish({net.node("wide", Op::kDepthwiseConv2d, {first, k, b}, twice)});
  const SmoothSamples samples;
  const auto reference = outputs_of(model, samples);
  Int8Options options;
  options.round_depthwise = false;
  const QuantizationPlan nearest = plan_int8(model, samples, options);
  options.round_depthwise = true;
  const QuantizationPlan rounded = plan_int8(model, samples, options);
  for (const Node& node : model.main().nodes) {
    EXPECT_TRUE(nearest.tensors[node.inputs[1]].codes.empty());
    const auto& codes = rounded.tensors[node.inputs[1]].codes;
    ASSERT_EQ(codes.size(), static_cast<size_t>(model.main().tensors[node.inputs[1]].shape.elements()));
    EXPECT_NE(codes, weight_codes(model, model.main().tensors[node.inputs[1]], nearest.tensors[node.inputs[1]]));
  }
  EXPECT_GT(signal_to_noise_db(reference, outputs_of(apply(model, rounded), samples)),
            signal_to_noise_db(reference, outputs_of(apply(model, nearest), samples)) + 5);
}

TEST(CorrectBias, KernelsWithTooFewPositionsAreRoundedToNearest) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, 3, 3, 4});
  const Model model = net.finish({net.depthwise("y", x, 4, {})});  // one position of nine taps for each sample
  const TensorId kernel = model.main().nodes[0].inputs[1];
  EXPECT_TRUE(plan_int8(model, UniformSamples(35, 0, 1)).tensors[kernel].codes.empty());
  EXPECT_EQ(plan_int8(model, UniformSamples(36, 0, 1)).tensors[kernel].codes.size(), 36u);
}

TEST(CorrectBias, SharedDepthwiseKernelsAreRoundedForTheFirstLayer) {
  // Too few positions for the first layer, enough for the second: its choice would spoil the first.
  NetworkBuilder net;
  const TensorId small = net.input("small", {Shape::kFree, 3, 3, 4});
  const TensorId large = net.input("large", {Shape::kFree, 8, 8, 4});
  const TensorId k = net.constant("k", {1, 3, 3, 4}, net.random(36, 0.5f));
  const TensorId b = net.constant("b", {4}, net.random(4, 0.2f));
  const TensorId first = net.node("first", Op::kDepthwiseConv2d, {small, k, b}, DepthwiseConv2dAttributes{});
  const TensorId second = net.node("second", Op::kDepthwiseConv2d, {large, k, b}, DepthwiseConv2dAttributes{});
  const Model model = net.finish({first, second});
  EXPECT_TRUE(plan_int8(model, UniformSamples(35, 0, 1)).tensors[k].codes.empty());
  EXPECT_EQ(plan_int8(model, UniformSamples(36, 0, 1)).tensors[k].codes.size(), 36u);
}

TEST(CorrectBias, ThreadsAndCacheDoNotChangeThePlan) {
  const Model model = residual_network();
  const UniformSamples samples(9, -1, 1);
  const QuantizationPlan expected = plan_int8(model, samples, {});
  for (const int threads : {1, 2, 3}) {
    for (const int64_t cache : {int64_t{0}, int64_t{5000}, int64_t{1} << 20}) {
      expect_equal(expected, plan_int8(model, samples, {.threads = threads, .activation_cache_bytes = cache}),
                   std::to_string(threads) + " threads, cache " + std::to_string(cache));
    }
  }
}

TEST(CorrectBias, NetworksOfEveryKind) {
  struct Case {
    const char* name;
    std::function<Model(uint64_t)> make;
    double least_db;
  };
  const auto branches = [](uint64_t seed) {  // no cut of one tensor: two branches that meet twice
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 8, 8, 3});
    const TensorId a = net.conv("a", x, 3, 6, 3, {.padding = Padding::kSame, .activation = FusedActivation::kRelu});
    const TensorId b = net.conv("b", x, 3, 6, 1, {});
    const TensorId c = net.conv("c", a, 6, 6, 3, {.padding = Padding::kSame});
    const TensorId d = net.depthwise("d", b, 6, {.padding = Padding::kSame, .activation = FusedActivation::kRelu6});
    const TensorId joined = net.node("joined", Op::kConcatenation, {c, d, a}, ConcatenationAttributes{.axis = 3});
    const TensorId sum = net.node("sum", Op::kAdd, {net.conv("e", joined, 18, 6, 1, {}), b},
                                  ArithmeticAttributes{.activation = FusedActivation::kRelu});
    return net.finish({net.mean("pool", sum)});
  };
  const auto two_inputs = [](uint64_t seed) {
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 6, 6, 3});
    const TensorId z = net.input("z", {Shape::kFree, 10});
    const TensorId a = net.mean("pool", net.conv("a", x, 3, 8, 3, {.activation = FusedActivation::kRelu}));
    const TensorId b = net.dense("b", z, 10, 8);
    return net.finish({net.dense("c", net.node("sum", Op::kAdd, {a, b}, ArithmeticAttributes{}), 8, 5)});
  };
  const auto shared = [](uint64_t seed) {  // one kernel and bias used twice
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 8, 8, 4});
    const TensorId k = net.constant("k", {4, 3, 3, 4}, net.random(144, 0.3f));
    const TensorId b = net.constant("b", {4}, net.random(4, 0.2f));
    const Conv2dAttributes attributes{.padding = Padding::kSame, .activation = FusedActivation::kRelu};
    const TensorId first = net.node("first", Op::kConv2d, {x, k, b}, attributes);
    return net.finish({net.node("second", Op::kConv2d, {first, k, b}, attributes)});
  };
  const auto float_island = [](uint64_t seed) {  // SQUARE has no integer form
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 6, 6, 3});
    const TensorId a = net.conv("a", x, 3, 6, 3, {});
    const TensorId square = net.node("square", Op::kSquare, {a});
    const TensorId both = net.node("both", Op::kAdd, {square, a}, ArithmeticAttributes{});
    return net.finish({net.conv("b", both, 6, 4, 1, {}), square});
  };
  const auto dead = [](uint64_t seed) {  // a kernel of zeros, a channel that never passes the ReLU, no bias
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 6, 6, 2});
    auto kernel = net.random(8, 0.5f);
    kernel[0] = kernel[1] = 0;
    const TensorId k = net.constant("k", {4, 1, 1, 2}, kernel);
    const TensorId b = net.constant("b", {4}, {1.5f, -50, 0.1f, 0.2f});
    const TensorId a = net.node("a", Op::kConv2d, {x, k, b}, Conv2dAttributes{.activation = FusedActivation::kRelu6});
    const TensorId last = net.constant("last", {3, 1, 1, 4}, net.random(12, 0.5f));
    return net.finish({net.node("y", Op::kConv2d, {a, last}, Conv2dAttributes{})});
  };
  const auto shared_depthwise = [](uint64_t seed) {  // rounded for the first that uses it
    NetworkBuilder net(seed);
    const TensorId x = net.input("x", {Shape::kFree, 8, 8, 4});
    const TensorId k = net.constant("k", {1, 3, 3, 4}, net.random(36, 0.5f));
    const TensorId b = net.constant("b", {4}, net.random(4, 0.2f));
    const DepthwiseConv2dAttributes attributes{.padding = Padding::kSame, .activation = FusedActivation::kRelu};
    const TensorId first = net.node("first", Op::kDepthwiseConv2d, {x, k, b}, attributes);
    return net.finish({net.node("second", Op::kDepthwiseConv2d, {first, k, b}, attributes)});
  };
  for (const Case& c :
       {Case{"residual", residual_network, 24}, Case{"branches", branches, 28}, Case{"two inputs", two_inputs, 28},
        Case{"shared weights", shared, 28}, Case{"shared depthwise", shared_depthwise, 26},
        Case{"float island", float_island, 28}, Case{"dead channels", dead, 28}}) {
    for (const uint64_t seed : {1, 2, 3}) {
      const Model model = c.make(seed);
      const UniformSamples samples(12, -1, 1);
      const QuantizationPlan plan = plan_int8(model, samples, {.threads = 2});
      const auto reference = outputs_of(model, samples);
      EXPECT_GT(signal_to_noise_db(reference, outputs_of(apply(model, plan), samples)), c.least_db)
          << c.name << ", seed " << seed;
      expect_equal(plan, plan_int8(model, samples, {.activation_cache_bytes = 0}), c.name);
    }
  }
}

TEST(CorrectBias, PicturesAsCodes) {
  NetworkBuilder net;
  const TensorId x = net.input("image", {Shape::kFree, 8, 8, 3});
  const TensorId paddings = net.integers("paddings", {4, 2}, {0, 0, 0, 1, 0, 1, 0, 0});
  const TensorId padded = net.node("pad", Op::kPadV2, {x, paddings, net.constant("middle", {1}, {127.5f})});
  const Model model = net.finish({net.conv("conv", padded, 3, 4, 3, {.stride_h = 2, .stride_w = 2})});
  const UniformSamples pictures(8, 0, 256, true);
  const QuantizationPlan plan = plan_int8(model, pictures, {.io_type = ElementType::kUInt8});
  const Model quantized = apply(model, plan);
  EXPECT_EQ(*quantized.main().tensors[quantized.main().inputs[0]].quantization, (Quantization{{1.0f}, {0}}));
  EXPECT_GT(signal_to_noise_db(outputs_of(model, pictures), outputs_of(quantized, pictures)), 30);
}

}  // namespace
}  // namespace burin
