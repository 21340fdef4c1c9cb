// remove_identity, lower_batch_norm, lower_rescaling, fold_arithmetic, fold_constants, materialize_bias, remove_unused
#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TEST(RemoveIdentity, InsideAndAtTheEnd) {
  B b;
  const TensorId x = b.layer("dropout", Op::kIdentity, {b.input({kFree, 7})}, IdentityAttributes{"Dropout"});
  const TensorId y = b.layer("linear", Op::kIdentity, {b.dense(x, 7, 3)}, IdentityAttributes{});
  const Model after = check_pass(remove_identity, {"", b.finish({y}), "FULLY_CONNECTED"});
  EXPECT_EQ(after.signatures[0].outputs[0].name, "output_0");
  EXPECT_EQ(after.signatures[0].outputs[0].tensor, after.main().outputs[0]);
}

TEST(RemoveIdentity, NothingElse) {
  B b;
  const TensorId x = b.input({kFree, 7});
  const TensorId y = b.layer("identity", Op::kIdentity, {x}, IdentityAttributes{});
  const Model after = check_pass(remove_identity, {"", b.finish({y, x}), ""});
  EXPECT_EQ(after.main().outputs, (std::vector<TensorId>{0, 0}));
}

TEST(LowerBatchNorm, AnyAxis) {
  for (const int32_t axis : {1, 2, 3, -1, -2}) {
    B b;
    const Shape shape{kFree, 5, 7, 3};
    const TensorId x = b.input(shape);
    const Model model = b.finish({b.batch_norm(x, shape[axis < 0 ? axis + 4 : axis], axis)});
    const Model after = check_pass(lower_batch_norm, {"axis " + std::to_string(axis), model, "MUL ADD"});
    EXPECT_EQ(after.main().tensors[after.main().outputs[0]].name, "bn");
    EXPECT_EQ(origin_of(after.main(), after.main().nodes[0]), "bn");
  }
}

TEST(LowerRescaling, Table) {
  const auto model = [](std::vector<float> scale, std::vector<float> offset) {
    B b;
    return b.finish({b.rescaling(b.input({kFree, 5, 3}), std::move(scale), std::move(offset))});
  };
  for (const PassCase& test :
       std::vector<PassCase>{{"both", model({0.5f}, {-1.0f}), "MUL ADD"},
                             {"scale", model({0.5f}, {0.0f}), "MUL"},
                             {"offset", model({1.0f}, {3.0f}), "ADD"},
                             {"neither", model({1.0f}, {0.0f}), "MUL"},
                             {"one of each kind", model({0.5f}, {1.0f, 2.0f, 3.0f}), "MUL ADD"},
                             {"per channel", model({0.5f, 1.0f, 2.0f}, {1.0f, 2.0f, 3.0f}), "MUL ADD"}}) {
    check_pass(lower_rescaling, test);
  }
}

TEST(FoldArithmetic, Table) {
  const auto model = [](auto&& build) {
    B b;
    return b.finish({build(b, b.input({kFree, 9, 7, 3}))});
  };
  const auto binary = [](B& b, Op op, TensorId x, TensorId y, FusedActivation activation = FusedActivation::kNone) {
    return b.layer("arithmetic", op, {x, y}, ArithmeticAttributes{activation});
  };
  const std::vector<PassCase> cases = {
      {"MUL and ADD after", model([&](B& b, TensorId x) {
         const TensorId product = binary(b, Op::kMul, b.conv(x, 3, 5, 3, Padding::kSame), b.constant({5}));
         return binary(b, Op::kAdd, b.constant({1, 1, 1, 5}), product, FusedActivation::kRelu);
       }),
       "CONV_2D"},
      {"SUB and DIV after", model([&](B& b, TensorId x) {
         const TensorId difference = binary(b, Op::kSub, b.constant({}), b.conv(x, 3, 5, 3, Padding::kSame));
         return binary(b, Op::kDiv, difference, b.constant({5}, 1.0f, 2.0f));
       }),
       "CONV_2D"},
      {"SUB and MUL before", model([&](B& b, TensorId x) {
         const TensorId centred = binary(b, Op::kSub, x, b.constant({3}));
         return b.conv(binary(b, Op::kMul, centred, b.constant({})), 3, 5, 3, Padding::kValid);
       }),
       "CONV_2D"},
      {"an activation before", model([&](B& b, TensorId x) {
         return b.conv(binary(b, Op::kAdd, x, b.constant({3}), FusedActivation::kRelu), 3, 5, 3, Padding::kValid);
       }),
       "ADD CONV_2D"},
      {"a constant that broadcasts the data", model([&](B& b, TensorId x) {
         return binary(b, Op::kAdd, b.conv(x, 3, 1, 3, Padding::kValid), b.constant({4}));
       }),
       "CONV_2D ADD"},
      {"a constant per column", model([&](B& b, TensorId x) {
         return binary(b, Op::kAdd, b.conv(x, 3, 5, 1, Padding::kValid), b.constant({7, 1}));
       }),
       "CONV_2D ADD"},
      {"division of a constant", model([&](B& b, TensorId x) {
         return binary(b, Op::kDiv, b.constant({5}), b.conv(x, 3, 5, 1, Padding::kValid));
       }),
       "CONV_2D DIV"},
  };
  for (const PassCase& test : cases) check_pass(fold_arithmetic, test);
}

TEST(FoldConstants, ChainOfConstants) {
  B b;
  const TensorId sum = b.layer("sum", Op::kAdd, {b.constant({5, 1}), b.constant({3})}, ArithmeticAttributes{});
  const TensorId product = b.layer("product", Op::kMul, {sum, b.constant({})}, ArithmeticAttributes{});
  const TensorId y = b.layer("add", Op::kAdd, {b.input({kFree, 5, 3}), product}, ArithmeticAttributes{});
  const Model after = check_pass(fold_constants, {"", b.finish({y}), "ADD"});
  EXPECT_EQ(after.main().tensors[after.main().nodes[0].inputs[1]].name, "product");
}

TEST(FoldConstants, HalfWeightsButNotQuantizedOnes) {
  for (const bool quantized : {false, true}) {
    B b;
    const TensorId weights =
        quantized
            ? add_constant_tensor(b.model(), b.graph(), "w", ElementType::kInt8, {2, 3}, std::vector<int8_t>(6, 5))
            : add_constant_tensor(b.model(), b.graph(), "w", ElementType::kFloat16, {2, 3},
                                  std::vector<uint16_t>{0x3c00, 0x3800, 0xbc00, 0x4000, 0x3555, 0});
    if (quantized) b.graph().tensors[weights].quantization = Quantization{{0.5f}, {1}};
    const TensorId floats = b.layer("dequantize", Op::kDequantize, {weights});
    const Model model =
        b.finish({b.layer("dense", Op::kFullyConnected, {b.input({kFree, 3}), floats}, FullyConnectedAttributes{})});
    check_pass(fold_constants, {"", model, quantized ? "DEQUANTIZE FULLY_CONNECTED" : "FULLY_CONNECTED"});
  }
}

TEST(FoldConstants, AnOutputMayBeConstant) {
  B b;
  b.input({kFree, 2});
  const TensorId y = b.layer("sum", Op::kAdd, {b.constant({3}), b.constant({3})}, ArithmeticAttributes{});
  const Model after = check_pass(fold_constants, {"", b.finish({y}), ""});
  EXPECT_EQ(after.main().inputs.size(), 1u);
}

TEST(FoldConstants, LargeResultsAreLeft) {
  B b;
  const TensorId large = b.layer("sum", Op::kAdd, {b.constant({1024, 1}), b.constant({1024})}, ArithmeticAttributes{});
  const TensorId y = b.layer("add", Op::kAdd, {b.input({kFree, 1, 1024}), large}, ArithmeticAttributes{});
  Model model = b.finish({y});
  EXPECT_FALSE(fold_constants(model));
}

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

TEST(RemoveUnused, KeepsUnusedInputs) {
  B b;
  const TensorId x = b.input({kFree, 3});
  b.input({kFree, 4});
  b.layer("nobody", Op::kAbs, {x});
  const Model after = check_pass(remove_unused, {"", b.finish({b.layer("neg", Op::kNeg, {x})}), "NEG"});
  EXPECT_EQ(after.main().inputs.size(), 2u);
  EXPECT_EQ(after.main().tensors.size(), 3u);
}

}  // namespace
}  // namespace burin
