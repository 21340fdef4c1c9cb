#include "ops/softmax/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

TEST(SoftmaxKernel, EqualsTheReference) {
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 9}, Shape{2, 13, 1001}, Shape{4099, 5}}) {
    for (const float beta : {1.0f, 0.3f}) {
      SCOPED_TRACE(to_string(shape));
      OneOperator one(SoftmaxAttributes{beta});
      one.add_input<float>(ElementType::kFloat32, shape, -30, 30, false);
      one.set_output(ElementType::kFloat32, shape);
      expect_equal_kernel(one, Op::kSoftmax, prepare_softmax_f32);
    }
  }
}

}  // namespace
}  // namespace burin
