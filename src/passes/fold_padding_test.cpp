#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;

struct PaddingCase {
  std::string name;
  Shape input;
  std::vector<int32_t> paddings;
  int32_t size, stride;
  std::string after;
};

const std::vector<PaddingCase>& cases() {
  static const std::vector<PaddingCase> table = {
      {"even size, stride 2", {kFree, 8, 10, 3}, {0, 0, 0, 1, 0, 1, 0, 0}, 3, 2, "CONV_2D"},
      {"odd size, stride 2", {kFree, 9, 7, 3}, {0, 0, 1, 1, 1, 1, 0, 0}, 3, 2, "CONV_2D"},
      {"stride 1", {kFree, 9, 7, 3}, {0, 0, 1, 1, 1, 1, 0, 0}, 3, 1, "CONV_2D"},
      {"a row more than is read", {kFree, 9, 9, 3}, {0, 0, 1, 2, 1, 1, 0, 0}, 3, 2, "CONV_2D"},
      {"starts elsewhere", {kFree, 8, 8, 3}, {0, 0, 1, 1, 1, 1, 0, 0}, 3, 2, "PAD CONV_2D"},
      {"as ResNet50 begins", {kFree, 224, 32, 3}, {0, 0, 3, 3, 3, 3, 0, 0}, 7, 2, "PAD CONV_2D"},
      {"too much", {kFree, 9, 7, 3}, {0, 0, 2, 2, 2, 2, 0, 0}, 3, 1, "PAD CONV_2D"},
      {"channels too", {kFree, 9, 7, 2}, {0, 0, 1, 1, 1, 1, 0, 1}, 3, 1, "PAD CONV_2D"},
      {"free height", {kFree, kFree, 7, 3}, {0, 0, 1, 1, 1, 1, 0, 0}, 3, 1, "PAD CONV_2D"},
  };
  return table;
}

TEST(FoldPadding, Table) {
  for (const PaddingCase& test : cases()) {
    SourceBuilder b;
    const TensorId y = b.conv(b.pad(b.input(test.input), test.paddings), 3, 4, test.size, Padding::kValid, test.stride);
    check_pass(fold_padding, {test.name, b.finish({y}), test.after});
  }
}

TEST(FoldPadding, Depthwise) {
  SourceBuilder b;
  const TensorId padded = b.pad(b.input({kFree, 6, 8, 3}), {0, 0, 0, 1, 0, 1, 0, 0});
  check_pass(fold_padding,
             {"depthwise", b.finish({b.depthwise(padded, 3, 1, Padding::kValid, 2)}), "DEPTHWISE_CONV_2D"});
}

TEST(FoldPadding, OnlyZeros) {
  for (const float value : {0.0f, 1.5f}) {
    SourceBuilder b;
    const TensorId paddings = add_constant_tensor(b.model(), b.graph(), "paddings", ElementType::kInt32, {4, 2},
                                                  std::vector<int32_t>{0, 0, 1, 1, 1, 1, 0, 0});
    const TensorId padded = b.layer("pad", Op::kPadV2, {b.input({kFree, 9, 7, 3}), paddings, b.values({}, {value})});
    const Model model = b.finish({b.conv(padded, 3, 4, 3, Padding::kValid)});
    check_pass(fold_padding, {"PADV2", model, value == 0.0f ? "CONV_2D" : "PADV2 CONV_2D"});
  }
}

TEST(FoldPadding, OtherUses) {
  for (const bool output : {false, true}) {
    SourceBuilder b;
    const TensorId padded = b.pad(b.input({kFree, 9, 7, 3}), {0, 0, 1, 1, 1, 1, 0, 0});
    const TensorId y = b.conv(padded, 3, 4, 3, Padding::kValid);
    const TensorId other = output ? padded : b.layer("abs", Op::kAbs, {padded});
    check_pass(fold_padding, {"second use", b.finish({y, other}), output ? "PAD CONV_2D" : "PAD CONV_2D ABS"});
  }
}

}  // namespace
}  // namespace burin
