#include "ops/pool/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

struct Case {
  const char* name;
  Shape input;
  Pool2dAttributes pool;
  Shape output;
};

constexpr auto kSame = Padding::kSame;
constexpr auto kValid = Padding::kValid;

const Case kCases[] = {
    {"Halving", {1, 12, 10, 33}, {kValid, 2, 2, 2, 2}, {1, 6, 5, 33}},
    {"SameOverlapping", {2, 13, 11, 65}, {kSame, 2, 2, 3, 3}, {2, 7, 6, 65}},
    {"SameStrideOne", {1, 7, 9, 5}, {kSame, 1, 1, 3, 5}, {1, 7, 9, 5}},
    {"Global", {3, 7, 7, 40}, {kValid, 1, 1, 7, 7}, {3, 1, 1, 40}},
    {"Clamped", {1, 9, 9, 34}, {kSame, 3, 3, 3, 3, FusedActivation::kRelu6}, {1, 3, 3, 34}},
    {"WindowLargerThanInput", {1, 3, 2, 7}, {kSame, 1, 1, 9, 9}, {1, 3, 2, 7}},
};

TEST(PoolKernel, FloatsEqualTheReference) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    OneOperator one(c.pool);
    one.add_input<float>(ElementType::kFloat32, c.input, -9, 9, false);
    one.set_output(ElementType::kFloat32, c.output);
    expect_equal_kernel(one, Op::kAveragePool2d, prepare_average_pool_f32);
    expect_equal_kernel(one, Op::kMaxPool2d, prepare_max_pool_f32);
  }
}

TEST(PoolKernel, CodesEqualTheReference) {
  const Quantization quantization{{0.05f}, {-13}, -1};
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    OneOperator one(c.pool);
    one.add_input<int8_t>(ElementType::kInt8, c.input, -128, 127, false, &quantization);
    one.set_output(ElementType::kInt8, c.output, &quantization);
    expect_equal_kernel(one, Op::kAveragePool2d, prepare_average_pool_s8);
    expect_equal_kernel(one, Op::kMaxPool2d, prepare_max_pool_s8);
  }
}

}  // namespace
}  // namespace burin
