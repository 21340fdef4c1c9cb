#include "data/preprocess.hpp"

#include <gtest/gtest.h>

#include "burin/error.hpp"

namespace burin {
namespace {

// input -> `op` -> convolution, all that preprocess_of looks at.
Model model_with(Op op, Attributes attributes, const std::string& convolution_origin, std::string name = {}) {
  Model model;
  model.name = std::move(name);
  model.graphs.emplace_back();
  Graph& graph = model.main();
  const TensorId input = graph.add_tensor({.name = "input", .shape = {Shape::kFree, 4, 4, 3}});
  const TensorId middle = graph.add_tensor({.name = "middle", .shape = {Shape::kFree, 4, 4, 3}});
  const TensorId output =
      graph.add_tensor({.name = "output", .origin = convolution_origin, .shape = {Shape::kFree, 4, 4, 8}});
  graph.inputs = {input};
  graph.outputs = {output};
  graph.add_node({op, {input}, {middle}, std::move(attributes)});
  graph.add_node({Op::kConv2d, {middle}, {output}, Conv2dAttributes{}});
  return model;
}

TEST(PreprocessOf, WhatTheModelSays) {
  const RescalingAttributes rescaling{{1.0f / 127.5f}, {-1.0f}};
  const Attributes identity = IdentityAttributes{};
  struct Case {
    const char* name;
    Model model;
    std::optional<Preprocess> expected;
  };
  Model recorded = model_with(Op::kIdentity, identity, "conv", "mobilenetv2_1.00_224");
  recorded.description = preprocess_record(Preprocess::kTorch, "crop");
  const std::vector<Case> cases{
      {"rescaling", model_with(Op::kRescaling, rescaling, "conv"), Preprocess::kNone},
      {"application", model_with(Op::kIdentity, identity, "conv", "mobilenetv2_1.00_224"), Preprocess::kTf},
      {"nested application", model_with(Op::kIdentity, identity, "resnet50/conv1_conv", "mine"), Preprocess::kCaffe},
      {"resnet50v2 is not resnet50", model_with(Op::kIdentity, identity, "conv", "resnet50v2"), Preprocess::kTf},
      {"rescaling goes before the name", model_with(Op::kRescaling, rescaling, "conv", "vgg16"), Preprocess::kNone},
      {"recorded", recorded, Preprocess::kTorch},
      {"a name that only begins alike", model_with(Op::kIdentity, identity, "conv", "vgg16x"), std::nullopt},
      {"nothing", model_with(Op::kIdentity, identity, "conv"), std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(preprocess_of(c.model), c.expected) << c.name;
}

TEST(ResolvePreprocess, AsksInsteadOfGuessing) {
  const Model silent = model_with(Op::kIdentity, IdentityAttributes{}, "conv");
  EXPECT_EQ(resolve_preprocess(Preprocess::kTf, silent), Preprocess::kTf);
  try {
    resolve_preprocess(Preprocess::kAuto, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.status().remedy().find("--preprocess none"), std::string::npos);
  }
}

TEST(ApplyPreprocess, AsKerasApplications) {
  struct Case {
    Preprocess preprocess;
    std::vector<float> expected;
  };
  const std::vector<Case> cases{
      {Preprocess::kNone, {0.0f, 127.5f, 255.0f}},
      {Preprocess::kTf, {-1.0f, 0.0f, 1.0f}},
      {Preprocess::kTorch, {-2.117904f, 0.1964286f, 2.64f}},
      {Preprocess::kCaffe, {151.061f, 10.721f, -123.68f}},
  };
  for (const Case& c : cases) {
    std::vector<float> pixel{0.0f, 127.5f, 255.0f};
    apply_preprocess(c.preprocess, pixel, 3);
    for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(pixel[i], c.expected[i], 2e-5f) << name(c.preprocess) << i;
  }
}

TEST(InputRange, ThatTheRescalingImplies) {
  const ValueRange signed_range =
      input_range(model_with(Op::kRescaling, RescalingAttributes{{1.0f / 127.5f}, {-1.0f}}, "c"));
  EXPECT_FLOAT_EQ(signed_range.low, 0.0f);
  EXPECT_FLOAT_EQ(signed_range.high, 255.0f);
  const ValueRange unit_range =
      input_range(model_with(Op::kRescaling, RescalingAttributes{{1.0f / 255.0f}, {0.0f}}, "c"));
  EXPECT_FLOAT_EQ(unit_range.low, 0.0f);
  EXPECT_FLOAT_EQ(unit_range.high, 255.0f);
  const ValueRange none = input_range(model_with(Op::kIdentity, IdentityAttributes{}, "c"));
  EXPECT_FLOAT_EQ(none.low, -1.0f);
  EXPECT_FLOAT_EQ(none.high, 1.0f);
}

}  // namespace
}  // namespace burin
