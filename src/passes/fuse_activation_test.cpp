#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;

struct Fused {
  Op op;
  FusedActivation activation;
};

TEST(FuseActivation, EveryActivationIntoEveryOperator) {
  for (const auto& [op, activation] :
       {Fused{Op::kRelu, FusedActivation::kRelu}, Fused{Op::kRelu6, FusedActivation::kRelu6},
        Fused{Op::kReluN1To1, FusedActivation::kReluN1To1}}) {
    for (const Op producer : {Op::kConv2d, Op::kDepthwiseConv2d, Op::kFullyConnected, Op::kAdd, Op::kSub, Op::kMul,
                              Op::kDiv, Op::kAveragePool2d, Op::kMaxPool2d}) {
      SourceBuilder b;
      TensorId y;
      if (producer == Op::kFullyConnected) {
        y = b.dense(b.input({kFree, 7}), 7, 5);
      } else {
        const TensorId x = b.input({kFree, 9, 7, 3});
        const TensorId divisor = b.constant({3}, 0.1f, 0.2f);
        y = producer == Op::kConv2d            ? b.conv(x, 3, 5, 3, Padding::kSame)
            : producer == Op::kDepthwiseConv2d ? b.depthwise(x, 3, 2, Padding::kSame)
            : producer == Op::kAveragePool2d || producer == Op::kMaxPool2d
                ? b.layer("pool", producer, {x}, Pool2dAttributes{.filter_h = 2, .filter_w = 2})
                : b.layer("sum", producer, {x, divisor}, ArithmeticAttributes{});
      }
      const std::string name(any_operator(producer).name);
      const Model model = b.finish({b.layer("act", op, {y})});
      const Model after = check_pass(fuse_activation, {name, model, name});
      const Node& node = after.main().nodes[0];
      EXPECT_EQ(*fused_activation(node.attributes), activation);
      EXPECT_EQ(after.main().tensors[node.outputs[0]].name, "act");
      EXPECT_EQ(origin_of(after.main(), node), origin_of(model.main(), model.main().nodes[0]));
    }
  }
}

TEST(FuseActivation, MustNotFire) {
  const auto with = [](auto&& build) {
    SourceBuilder b;
    const TensorId y = b.conv(b.input({kFree, 9, 7, 3}), 3, 5, 3, Padding::kSame);
    return b.finish(build(b, y));
  };
  using B = SourceBuilder;
  const std::vector<PassCase> cases = {
      {"second use", with([](B& b, TensorId y) {
         return std::vector{b.layer("relu", Op::kRelu, {y}), b.layer("abs", Op::kAbs, {y})};
       }),
       "CONV_2D RELU ABS"},
      {"graph output in between",
       with([](B& b, TensorId y) { return std::vector{y, b.layer("relu", Op::kRelu, {y})}; }), "CONV_2D RELU"},
      {"no fused form", with([](B& b, TensorId y) { return std::vector{b.layer("elu", Op::kElu, {y})}; }),
       "CONV_2D ELU"},
      {"an operator that fuses nothing", with([](B& b, TensorId y) {
         return std::vector{b.layer("relu", Op::kRelu, {b.layer("softmax", Op::kSoftmax, {y}, SoftmaxAttributes{})})};
       }),
       "CONV_2D SOFTMAX RELU"},
      {"one already", with([](B& b, TensorId y) {
         return std::vector{b.layer("relu6", Op::kRelu6, {b.layer("relu", Op::kRelu, {y})})};
       }),
       "CONV_2D RELU6"},
  };
  for (const PassCase& test : cases) check_pass(fuse_activation, test);
}

}  // namespace
}  // namespace burin
