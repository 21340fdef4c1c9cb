#include "ops/normalization/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

OneOperator batch_normalization(const Shape& shape, int32_t axis, bool constant = true) {
  OneOperator one(BatchNormalizationAttributes{axis, 1e-3f, true, true});
  const int channels = shape[axis < 0 ? axis + shape.rank() : axis];
  one.add_input<float>(ElementType::kFloat32, shape, -12, 12, false);
  for (int i = 0; i < 4; ++i) one.add_input<float>(ElementType::kFloat32, {channels}, 1, 5, constant);
  one.set_output(ElementType::kFloat32, shape);
  return one;
}

TEST(NormalizationKernel, EqualsTheReference) {
  struct Case {
    Shape shape;
    int32_t axis;
  };
  for (const Case& c : {Case{{1, 1}, -1}, Case{{3, 5, 7, 3}, -1}, Case{{1, 37, 41, 24}, 3}, Case{{2, 9, 1030}, -1},
                        Case{{2, 33, 19, 21}, 1}, Case{{5, 40}, 0}}) {
    SCOPED_TRACE(to_string(c.shape));
    expect_equal_kernel(batch_normalization(c.shape, c.axis), Op::kBatchNormalization, prepare_batch_normalization);
  }
}

TEST(NormalizationKernel, RescalingEqualsTheReference) {
  const std::vector<float> one{0.25f}, three{0.5f, -1, 3};
  for (const RescalingAttributes& attributes :
       {RescalingAttributes{one, one}, RescalingAttributes{three, one}, RescalingAttributes{one, three}}) {
    OneOperator rescaling(attributes);
    rescaling.add_input<float>(ElementType::kFloat32, {2, 61, 67, 3}, 0, 255, false);
    rescaling.set_output(ElementType::kFloat32, {2, 61, 67, 3});
    expect_equal_kernel(rescaling, Op::kRescaling, prepare_rescaling);
  }
}

TEST(NormalizationKernel, VariablesMustBeConstant) {
  const runtime::PreparedResult kernel =
      batch_normalization({4, 3}, -1, false).prepare(prepare_batch_normalization, runtime::InstructionSet::kPortable);
  ASSERT_TRUE(kernel.is_ok());
  EXPECT_EQ(kernel.value(), nullptr);
}

}  // namespace
}  // namespace burin
