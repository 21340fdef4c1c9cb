#include "ops/activation/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

OneOperator floats(Attributes attributes, const Shape& shape) {
  OneOperator one(std::move(attributes));
  one.add_input<float>(ElementType::kFloat32, shape, -12, 12, false);
  one.set_output(ElementType::kFloat32, shape);
  return one;
}

TEST(ActivationKernel, FloatsEqualTheReference) {
  for (const Shape& shape : {Shape{1}, Shape{3, 7, 5}, Shape{1, 61, 63, 33}}) {
    SCOPED_TRACE(to_string(shape));
    expect_equal_kernel(floats({}, shape), Op::kRelu, prepare_activation_f32<Op::kRelu>);
    expect_equal_kernel(floats({}, shape), Op::kRelu6, prepare_activation_f32<Op::kRelu6>);
    expect_equal_kernel(floats({}, shape), Op::kReluN1To1, prepare_activation_f32<Op::kReluN1To1>);
    expect_equal_kernel(floats(LeakyReluAttributes{0.3f}, shape), Op::kLeakyRelu,
                        prepare_activation_f32<Op::kLeakyRelu>);
    expect_equal_kernel(floats({}, shape), Op::kHardSwish, prepare_activation_f32<Op::kHardSwish>);
    expect_equal_kernel(floats({}, shape), Op::kLogistic, prepare_activation_f32<Op::kLogistic>);
    expect_equal_kernel(floats({}, shape), Op::kTanh, prepare_activation_f32<Op::kTanh>);
  }
}

const Quantization kInput{{0.1f}, {-20}, -1};
const Quantization kOutput{{0.07f}, {3}, -1};
const Quantization kLogistic{{1.0f / 256}, {-128}, -1};
const Quantization kTanh{{1.0f / 128}, {0}, -1};

OneOperator codes(Attributes attributes, const Quantization& output) {
  OneOperator one(std::move(attributes));
  one.add_input<int8_t>(ElementType::kInt8, {3, 111, 103}, -128, 127, false, &kInput);
  one.set_output(ElementType::kInt8, {3, 111, 103}, &output);
  return one;
}

TEST(ActivationKernel, CodeTablesEqualTheReference) {
  expect_equal_kernel(codes({}, kOutput), Op::kHardSwish, prepare_code_table<Op::kHardSwish>);
  expect_equal_kernel(codes(LeakyReluAttributes{0.2f}, kOutput), Op::kLeakyRelu, prepare_code_table<Op::kLeakyRelu>);
  expect_equal_kernel(codes({}, kLogistic), Op::kLogistic, prepare_code_table<Op::kLogistic>);
  expect_equal_kernel(codes({}, kOutput), Op::kRelu, prepare_code_table<Op::kRelu>);
  expect_equal_kernel(codes({}, kOutput), Op::kRelu6, prepare_code_table<Op::kRelu6>);
  expect_equal_kernel(codes({}, kTanh), Op::kTanh, prepare_code_table<Op::kTanh>);
  expect_equal_kernel(codes({}, kOutput), Op::kQuantize, prepare_code_table<Op::kQuantize>);
}

}  // namespace
}  // namespace burin
