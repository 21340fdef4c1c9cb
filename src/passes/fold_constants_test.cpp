#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

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

}  // namespace
}  // namespace burin
