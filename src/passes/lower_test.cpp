#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "burin/error.hpp"
#include "formats/read_model.hpp"
#include "passes/pass.hpp"
#include "passes/pass_test_models.hpp"
#include "shared_folder.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TensorId block(B& b, TensorId x, int32_t in, int32_t out, int32_t stride) {
  TensorId y = b.layer("relu", Op::kRelu6, {b.batch_norm(b.conv(x, in, 2 * in, 1, Padding::kSame, 1, false), 2 * in)});
  if (stride == 2) y = b.pad(y, {0, 0, 0, 1, 0, 1, 0, 0});
  y = b.depthwise(y, 2 * in, 1, stride == 2 ? Padding::kValid : Padding::kSame, stride);
  y = b.layer("relu", Op::kRelu6, {b.batch_norm(y, 2 * in)});
  y = b.batch_norm(b.conv(y, 2 * in, out, 1, Padding::kSame, 1, false), out);
  return stride == 1 && in == out ? b.layer("add", Op::kAdd, {x, y}, ArithmeticAttributes{}) : y;
}

TEST(Lower, WholeNetwork) {
  B b;
  const TensorId image = b.input({kFree, 32, 24, 3});
  const TensorId flipped = b.layer("flip", Op::kIdentity, {image}, IdentityAttributes{"RandomFlip"});
  TensorId x = b.conv(b.rescaling(flipped, {1.0f / 127.5f}, {-1.0f}), 3, 4, 3, Padding::kSame, 2, false);
  x = b.layer("relu", Op::kRelu6, {b.batch_norm(x, 4)});
  x = block(b, x, 4, 6, 2);
  x = block(b, x, 6, 6, 1);
  x = b.layer("pool", Op::kMean, {x, b.integers({1, 2})}, ReduceAttributes{});
  x = b.layer("dropout", Op::kIdentity, {x}, IdentityAttributes{"Dropout"});
  const TensorId y = b.layer("softmax", Op::kSoftmax, {b.dense(x, 6, 5)}, SoftmaxAttributes{});
  const Model before = b.finish({y});
  Model after = before;
  lower(after);
  EXPECT_EQ(after.level, Level::kBuiltin);
  EXPECT_EQ(operators(after),
            "PADV2 CONV_2D CONV_2D DEPTHWISE_CONV_2D CONV_2D CONV_2D DEPTHWISE_CONV_2D CONV_2D ADD MEAN "
            "FULLY_CONNECTED SOFTMAX");
  EXPECT_EQ(after.main().tensors[after.main().outputs[0]].shape, (Shape{kFree, 5}));
  expect_equal_outputs(before, after, 0.0f, 255.0f);
  // Every constant is one that a tensor refers to.
  std::set<ConstantId> used;
  for (const Tensor& tensor : after.main().tensors) {
    if (tensor.constant != kNoId) used.insert(tensor.constant);
  }
  EXPECT_EQ(used.size(), after.constant_count());
  // Deterministic, and nothing is left to do.
  Model again = before;
  lower(again);
  EXPECT_EQ(digest(again), digest(after));
  lower(again);
  EXPECT_EQ(digest(again), digest(after));
}

TEST(Lower, WhatCannotBeFoldedBecomesArithmetic) {
  B b;
  const TensorId x = b.rescaling(b.input({kFree, kFree, kFree, 3}), {0.5f, 0.25f, 1.0f}, {1.0f, 2.0f, 3.0f});
  const TensorId y = b.layer("relu", Op::kRelu, {b.batch_norm(x, 3)});
  const Model before = b.finish({b.conv(y, 3, 4, 3, Padding::kSame, 2, false)});
  Model after = before;
  lower(after);
  EXPECT_EQ(operators(after), "MUL ADD MUL ADD CONV_2D");
  expect_equal_outputs(before, after);
}

TEST(Lower, PassesHaveNamesAndSummaries) {
  std::set<std::string_view> names;
  for (const Pass& pass : passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    EXPECT_FALSE(pass.summary.empty()) << pass.name;
    EXPECT_EQ(pass.summary.find('\n'), std::string_view::npos) << pass.name;
  }
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const std::string& extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

bool is_float(const Model& model) {
  return std::ranges::all_of(model.main().tensors, [](const Tensor& tensor) {
    return !tensor.quantization && (tensor.type == ElementType::kFloat32 || tensor.type == ElementType::kInt32);
  });
}

// As read against lowered, for every model that the readers take.
size_t compare_models(const std::vector<std::filesystem::path>& files, float high) {
  size_t compared = 0;
  for (const std::filesystem::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    std::optional<Model> model;
    try {
      model = read_model(file.string()).model;
    } catch (const Error& error) {
      if (error.status().code() != StatusCode::kUnsupported) ADD_FAILURE() << error.status().message();
      continue;
    }
    if (!is_float(*model)) continue;
    Model lowered = *model;
    try {
      lower(lowered);
    } catch (const Error& error) {
      ADD_FAILURE() << error.status().message();
      continue;
    }
    EXPECT_EQ(lowered.signatures.size(), model->signatures.size());
    if (lowered.signatures.size() != model->signatures.size()) continue;
    for (size_t i = 0; i < model->signatures.size(); ++i) {
      const Signature &before = model->signatures[i], &after = lowered.signatures[i];
      EXPECT_TRUE(
          std::ranges::equal(before.inputs, after.inputs, {}, &Signature::Entry::name, &Signature::Entry::name));
      EXPECT_TRUE(
          std::ranges::equal(before.outputs, after.outputs, {}, &Signature::Entry::name, &Signature::Entry::name));
    }
    expect_equal_outputs(*model, lowered, 0.0f, high);
    ++compared;
  }
  return compared;
}

TEST(Lower, WasteModel) {
  const std::filesystem::path file = shared_folder() / "models/waste/mobilenetv2_waste.keras";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  EXPECT_EQ(compare_models({file}, 255.0f), 1u);
}

TEST(Lower, KerasZoo) {
  if (!std::filesystem::exists(shared_folder() / "corpus/zoo")) GTEST_SKIP() << "no " << shared_folder();
  EXPECT_GT(compare_models(files_in(shared_folder() / "corpus/zoo", ".keras"), 1.0f), 0u);
}

TEST(Lower, FloatTfliteModels) {
  if (!std::filesystem::exists(shared_folder() / "corpus/tflite")) GTEST_SKIP() << "no " << shared_folder();
  EXPECT_GT(compare_models(files_in(shared_folder() / "corpus/tflite", ".tflite"), 1.0f), 0u);
}

}  // namespace
}  // namespace burin
