#include <functional>

#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

PassCase make(std::string name, Shape input, const std::function<std::vector<TensorId>(B&, TensorId)>& build,
              std::string after) {
  B b;
  const TensorId x = b.input(input);
  return {std::move(name), b.finish(build(b, x)), std::move(after)};
}

TEST(FoldBatchNorm, Table) {
  const Shape image{kFree, 9, 7, 3};
  const std::vector<PassCase> cases = {
      make(
          "convolution with bias, padded", image,
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.conv(x, 3, 5, 3, Padding::kSame, 2), 5)}; },
          "CONV_2D"),
      make(
          "convolution without bias", image,
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.conv(x, 3, 5, 3, Padding::kValid, 1, false), 5)}; },
          "CONV_2D"),
      make(
          "depthwise with multiplier", image,
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.depthwise(x, 3, 2, Padding::kSame), 6)}; },
          "DEPTHWISE_CONV_2D"),
      make(
          "grouped convolution, both sides", {kFree, 9, 7, 4},
          [](B& b, TensorId x) {
            const TensorId y = b.conv(b.batch_norm(x, 4), 2, 6, 3, Padding::kValid);
            return std::vector{b.batch_norm(y, 6)};
          },
          "CONV_2D"),
      make(
          "dense, both sides", {kFree, 11},
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.dense(b.batch_norm(x, 11), 11, 4), 4)}; },
          "FULLY_CONNECTED"),
      make(
          "two in a row", image,
          [](B& b, TensorId x) {
            return std::vector{b.batch_norm(b.batch_norm(b.conv(x, 3, 5, 1, Padding::kSame), 5), 5)};
          },
          "CONV_2D"),
      make(
          "two in a row before", image,
          [](B& b, TensorId x) {
            return std::vector{b.depthwise(b.batch_norm(b.batch_norm(x, 3), 3), 3, 2, Padding::kValid)};
          },
          "DEPTHWISE_CONV_2D"),
      make(
          "free height and width", {kFree, kFree, kFree, 3},
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.conv(x, 3, 5, 3, Padding::kSame), 5)}; }, "CONV_2D"),
      make(
          "before a padding convolution", image,
          [](B& b, TensorId x) { return std::vector{b.conv(b.batch_norm(x, 3), 3, 5, 3, Padding::kSame)}; },
          "BATCH_NORMALIZATION CONV_2D"),
      make(
          "one channel before a padding convolution", {kFree, 9, 7, 1},
          [](B& b, TensorId x) { return std::vector{b.conv(b.batch_norm(x, 1), 1, 5, 3, Padding::kSame)}; },
          "PADV2 CONV_2D"),
      make(
          "before a 1x1 convolution that says SAME", image,
          [](B& b, TensorId x) { return std::vector{b.conv(b.batch_norm(x, 3), 3, 5, 1, Padding::kSame, 2)}; },
          "CONV_2D"),
      make(
          "second consumer", image,
          [](B& b, TensorId x) {
            const TensorId y = b.conv(x, 3, 5, 3, Padding::kValid);
            return std::vector{b.batch_norm(y, 5), b.layer("abs", Op::kAbs, {y})};
          },
          "CONV_2D BATCH_NORMALIZATION ABS"),
      make(
          "graph output in between", image,
          [](B& b, TensorId x) {
            const TensorId y = b.conv(x, 3, 5, 3, Padding::kValid);
            return std::vector{y, b.batch_norm(y, 5)};
          },
          "CONV_2D BATCH_NORMALIZATION"),
      make(
          "activation in between", image,
          [](B& b, TensorId x) {
            const TensorId y = b.layer("relu", Op::kRelu, {b.conv(x, 3, 5, 3, Padding::kValid)});
            return std::vector{b.batch_norm(y, 5)};
          },
          "CONV_2D RELU BATCH_NORMALIZATION"),
      make(
          "another axis", {kFree, 5, 7, 5},
          [](B& b, TensorId x) { return std::vector{b.batch_norm(b.conv(x, 5, 5, 1, Padding::kValid), 5, 1)}; },
          "CONV_2D BATCH_NORMALIZATION"),
  };
  for (const PassCase& test : cases) check_pass(fold_batch_norm, test);
}

TEST(FoldBatchNorm, NamesAndOrigins) {
  PassCase test = make(
      "", {kFree, 9, 7, 3},
      [](B& b, TensorId x) { return std::vector{b.batch_norm(b.conv(x, 3, 5, 3, Padding::kValid, 1, false), 5)}; },
      "CONV_2D");
  const Model after = check_pass(fold_batch_norm, test);
  const Node& node = after.main().nodes[0];
  ASSERT_EQ(node.inputs.size(), 3u);
  EXPECT_EQ(after.main().tensors[node.outputs[0]].name, "bn");
  EXPECT_EQ(origin_of(after.main(), node), "conv");
  EXPECT_EQ(origin_of(after.main().tensors[node.inputs[1]]), "conv/kernel");
  EXPECT_EQ(origin_of(after.main().tensors[node.inputs[2]]), "conv/bias");
  EXPECT_EQ(after.signatures[0].outputs[0].tensor, node.outputs[0]);
}

TEST(FoldBatchNorm, AnInfiniteFactorIsNotFolded) {
  B b;
  const TensorId x = b.conv(b.input({kFree, 4, 4, 2}), 2, 1, 1, Padding::kValid);
  const TensorId y = b.layer("bn", Op::kBatchNormalization, {x, b.values({1}, {0.0f}), b.values({1}, {-1e-3f})},
                             BatchNormalizationAttributes{.scale = false, .center = false});
  Model model = b.finish({y});
  EXPECT_FALSE(fold_batch_norm(model));
}

}  // namespace
}  // namespace burin
