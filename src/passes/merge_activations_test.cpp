#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

// Names of tensors and operators: "RELU".
TensorId clip(SourceBuilder& b, Op op, TensorId x) { return b.layer(std::string(any_operator(op).name), op, {x}); }

Model check(const Model& model, const std::string& after) {
  return check_pass(merge_activations, {operators(model) + " to " + after, model, after, -9.0f, 9.0f});
}

TEST(MergeActivations, KeepsTheNarrower) {
  const struct {
    std::vector<Op> operators;
    std::string after;
  } cases[] = {
      {{Op::kRelu, Op::kRelu}, "RELU"},
      {{Op::kRelu, Op::kRelu6}, "RELU6"},
      {{Op::kRelu6, Op::kRelu}, "RELU6"},
      {{Op::kRelu, Op::kRelu6, Op::kRelu}, "RELU6"},
      {{Op::kReluN1To1, Op::kReluN1To1}, "RELU_N1_TO_1"},
      {{Op::kRelu}, "RELU"},
      {{Op::kReluN1To1, Op::kRelu}, "RELU_N1_TO_1 RELU"},
      {{Op::kRelu, Op::kAbs, Op::kRelu}, "RELU ABS RELU"},
  };
  for (const auto& [chain, after] : cases) {
    SourceBuilder b;
    TensorId x = b.input({Shape::kFree, 5, 7, 3});
    for (const Op op : chain) x = clip(b, op, x);
    check(b.finish({x}), after);
  }
}

TEST(MergeActivations, BehindAFusedOne) {
  const struct {
    FusedActivation fused;
    Op op;
    std::string after;
  } cases[] = {
      {FusedActivation::kRelu6, Op::kRelu, "MAX_POOL_2D"},
      {FusedActivation::kRelu, Op::kRelu, "MAX_POOL_2D"},
      {FusedActivation::kRelu, Op::kRelu6, "MAX_POOL_2D RELU6"},
      {FusedActivation::kNone, Op::kRelu, "MAX_POOL_2D RELU"},
  };
  for (const auto& [fused, op, after] : cases) {
    SourceBuilder b;
    const TensorId pooled = b.layer("pool", Op::kMaxPool2d, {b.input({Shape::kFree, 5, 7, 3})},
                                    Pool2dAttributes{.filter_h = 2, .filter_w = 2, .activation = fused});
    const Model model = check(b.finish({clip(b, op, pooled)}), after);
    EXPECT_EQ(*fused_activation(model.main().nodes[0].attributes), fused);
  }
}

TEST(MergeActivations, TheFirstStaysForOthers) {
  const struct {
    Op first, second;
    bool output;  // the other use
    std::string after;
  } cases[] = {
      {Op::kRelu6, Op::kRelu, false, "RELU6 ABS"},
      {Op::kRelu6, Op::kRelu, true, "RELU6"},
      {Op::kRelu, Op::kRelu6, false, "RELU ABS RELU6"},
      {Op::kRelu, Op::kRelu6, true, "RELU RELU6"},
  };
  for (const auto& [first, second, output, after] : cases) {
    SourceBuilder b;
    const TensorId between = clip(b, first, b.input({Shape::kFree, 5, 7, 3}));
    const TensorId other = output ? between : clip(b, Op::kAbs, between);
    check(b.finish({other, clip(b, second, between)}), after);
  }
}

}  // namespace
}  // namespace burin
