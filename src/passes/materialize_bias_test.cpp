#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TEST(MaterializeBias, EveryKind) {
  B b;
  const TensorId x = b.conv(b.input({kFree, 5, 7, 3}), 3, 4, 3, Padding::kSame, 1, false);
  const TensorId y = b.depthwise(x, 4, 2, Padding::kSame);
  const TensorId z = b.layer("dense", Op::kFullyConnected, {y, b.weights("dense/kernel", {3, 8}), kNoId},
                             FullyConnectedAttributes{.keep_num_dims = true});
  Model model = b.finish({z});
  const Model before = model;
  EXPECT_TRUE(materialize_bias(model));
  EXPECT_FALSE(materialize_bias(model));
  for (const auto& [node, origin, size] :
       {std::tuple{0, "conv/bias", 4}, std::tuple{1, "depthwise/bias", 8}, std::tuple{2, "dense/bias", 3}}) {
    const Node& layer = model.main().nodes[static_cast<size_t>(node)];
    ASSERT_EQ(layer.inputs.size(), 3u);
    const Tensor& bias = model.main().tensors[layer.inputs[2]];
    EXPECT_EQ(bias.name, origin);
    EXPECT_EQ(model.constant_values<float>(bias.constant), std::vector<float>(static_cast<size_t>(size), 0.0f));
  }
  expect_equal_outputs(before, model);
}

}  // namespace
}  // namespace burin
