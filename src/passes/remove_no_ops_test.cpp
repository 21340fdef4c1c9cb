#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TensorId transpose(B& b, TensorId x, std::vector<int32_t> permutation) {
  return b.layer("transpose", Op::kTranspose, {x, b.integers(std::move(permutation))});
}

TEST(RemoveNoOps, Table) {
  const auto model = [](auto&& build) {
    B b;
    return b.finish({b.layer("abs", Op::kAbs, {build(b, b.input({kFree, 5, 7, 3}))})});
  };
  const std::vector<PassCase> cases = {
      {"pad by nothing", model([](B& b, TensorId x) { return b.pad(x, {0, 0, 0, 0, 0, 0, 0, 0}); }), "ABS"},
      {"pad by something", model([](B& b, TensorId x) { return b.pad(x, {0, 0, 0, 1, 0, 0, 0, 0}); }), "PAD ABS"},
      {"there and back",
       model([](B& b, TensorId x) { return transpose(b, transpose(b, x, {0, 3, 1, 2}), {0, 2, 3, 1}); }), "ABS"},
      {"two turns", model([](B& b, TensorId x) { return transpose(b, transpose(b, x, {0, 3, 1, 2}), {0, 2, 1, 3}); }),
       "TRANSPOSE ABS"},
      {"in its place", model([](B& b, TensorId x) { return transpose(b, x, {0, 1, 2, 3}); }), "ABS"},
      {"one turn", model([](B& b, TensorId x) { return transpose(b, x, {0, 2, 1, 3}); }), "TRANSPOSE ABS"},
  };
  for (const PassCase& test : cases) {
    SCOPED_TRACE(test.name);
    Model after = test.before;
    EXPECT_EQ(remove_no_ops(after), operators(test.before) != test.after);
    EXPECT_EQ(operators(after), test.after);
    expect_equal_outputs(test.before, after);
  }
}

TEST(RemoveNoOps, TheFirstTranspositionStaysForOthers) {
  B b;
  const TensorId turned = transpose(b, b.input({kFree, 5, 7, 3}), {0, 3, 1, 2});
  const Model model = b.finish({turned, transpose(b, turned, {0, 2, 3, 1})});
  check_pass(remove_no_ops, {"output", model, "TRANSPOSE"});
}

}  // namespace
}  // namespace burin
