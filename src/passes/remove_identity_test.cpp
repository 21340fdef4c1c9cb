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

}  // namespace
}  // namespace burin
