#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

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

}  // namespace
}  // namespace burin
