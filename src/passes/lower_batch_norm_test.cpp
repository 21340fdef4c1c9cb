#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

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

}  // namespace
}  // namespace burin
