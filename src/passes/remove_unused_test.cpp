#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

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
