#include <functional>

#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

PassCase make(std::string name, Shape input, const std::function<TensorId(B&, TensorId)>& build, std::string after) {
  B b;
  const TensorId x = b.input(input);
  return {std::move(name), b.finish({build(b, x)}), std::move(after), 0.0f, 255.0f};
}

const std::vector<float> kScale{1.0f / 127.5f};
const std::vector<float> kOffset{-1.0f};

// The value of the only PADV2.
float padded_value(const Model& model) {
  for (const Node& node : model.main().nodes) {
    if (node.op == Op::kPadV2) {
      return model.constant_values<float>(model.main().tensors[node.inputs[2]].constant)[0];
    }
  }
  return -1.0f;
}

TEST(FoldRescaling, Table) {
  const Shape image{kFree, 9, 7, 3};
  const std::vector<PassCase> cases = {
      make(
          "valid convolution", image,
          [](B& b, TensorId x) { return b.conv(b.rescaling(x, kScale, kOffset), 3, 5, 3, Padding::kValid, 2, false); },
          "CONV_2D"),
      make(
          "padding depthwise", image,
          [](B& b, TensorId x) { return b.depthwise(b.rescaling(x, kScale, kOffset), 3, 2, Padding::kSame); },
          "PADV2 DEPTHWISE_CONV_2D"),
      make(
          "without an offset", image,
          [](B& b, TensorId x) { return b.conv(b.rescaling(x, {1.0f / 255.0f}, {0.0f}), 3, 5, 3, Padding::kSame, 2); },
          "CONV_2D"),
      make(
          "without an offset, free size", {kFree, kFree, kFree, 3},
          [](B& b, TensorId x) { return b.conv(b.rescaling(x, {1.0f / 255.0f}, {0.0f}), 3, 5, 3, Padding::kSame); },
          "CONV_2D"),
      make(
          "free size and an offset", {kFree, kFree, kFree, 3},
          [](B& b, TensorId x) { return b.conv(b.rescaling(x, kScale, kOffset), 3, 5, 3, Padding::kSame); },
          "RESCALING CONV_2D"),
      make(
          "per channel, valid", image,
          [](B& b, TensorId x) {
            return b.conv(b.rescaling(x, {0.01f, 0.02f, 0.03f}, {-1.0f, -2.0f, -1.5f}), 3, 5, 3, Padding::kValid);
          },
          "CONV_2D"),
      make(
          "per channel, padded", image,
          [](B& b, TensorId x) {
            return b.conv(b.rescaling(x, {0.01f, 0.02f, 0.03f}, {-1.0f, -2.0f, -1.5f}), 3, 5, 3, Padding::kSame);
          },
          "RESCALING CONV_2D"),
      make(
          "per channel, padded, one value for 0", image,
          [](B& b, TensorId x) {
            return b.conv(b.rescaling(x, {0.25f, 0.5f, 1.0f}, {-8.0f, -16.0f, -32.0f}), 3, 5, 3, Padding::kSame);
          },
          "PADV2 CONV_2D"),
      make(
          "a scale of 0", image,
          [](B& b, TensorId x) { return b.conv(b.rescaling(x, {0.0f}, {-1.0f}), 3, 5, 3, Padding::kSame); },
          "RESCALING CONV_2D"),
      make(
          "padding layer in between", image,
          [](B& b, TensorId x) {
            const TensorId padded = b.pad(b.rescaling(x, kScale, kOffset), {0, 0, 1, 1, 0, 2, 0, 0});
            return b.conv(padded, 3, 5, 3, Padding::kValid, 2);
          },
          "PADV2 CONV_2D"),
      make(
          "flattened", {kFree, 3, 5, 2},
          [](B& b, TensorId x) {
            const TensorId flat =
                b.layer("flatten", Op::kReshape, {b.rescaling(x, {0.5f, 0.25f}, {-1.0f, 3.0f}), b.integers({-1, 30})},
                        ReshapeAttributes{});
            return b.dense(flat, 30, 4);
          },
          "RESHAPE FULLY_CONNECTED"),
      make(
          "nothing to fold into", image,
          [](B& b, TensorId x) { return b.layer("abs", Op::kAbs, {b.rescaling(x, kScale, kOffset)}); },
          "RESCALING ABS"),
  };
  for (const PassCase& test : cases) check_pass(fold_rescaling, test);
}

TEST(FoldRescaling, PadsWithExactlyTheMiddle) {
  PassCase test = make(
      "", {kFree, 9, 7, 3},
      [](B& b, TensorId x) { return b.conv(b.rescaling(x, kScale, kOffset), 3, 5, 3, Padding::kSame); },
      "PADV2 CONV_2D");
  const Model after = check_pass(fold_rescaling, test);
  EXPECT_EQ(padded_value(after), 127.5f);
  EXPECT_EQ(after.main().tensors[after.main().nodes[0].outputs[0]].shape, (Shape{kFree, 11, 9, 3}));
}

TEST(FoldRescaling, SecondUse) {
  B b;
  const TensorId rescaled = b.rescaling(b.input({kFree, 9, 7, 3}), kScale, kOffset);
  const PassCase test{"second use",
                      b.finish({b.conv(rescaled, 3, 5, 3, Padding::kValid), b.layer("abs", Op::kAbs, {rescaled})}),
                      "RESCALING CONV_2D ABS", 0.0f, 255.0f};
  check_pass(fold_rescaling, test);
}

}  // namespace
}  // namespace burin
