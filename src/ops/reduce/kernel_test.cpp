#include "ops/reduce/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

struct Case {
  const char* name;
  Shape input;
  std::vector<int32_t> axes;
  Shape output;
};

const Case kCases[] = {
    {"HeightAndWidth", {1, 7, 7, 1280}, {1, 2}, {1, 1280}}, {"OddSizes", {3, 5, 11, 67}, {1, 2}, {3, 67}},
    {"NegativeAxis", {2, 3, 4, 9}, {-2}, {2, 3, 9}},        {"FirstAxis", {13, 129}, {0}, {129}},
    {"ManyRows", {1, 113, 57, 3}, {1, 2}, {1, 3}},
};

OneOperator reduction(const Case& c, ElementType type, const Quantization* input, const Quantization* output) {
  OneOperator one(ReduceAttributes{});
  if (type == ElementType::kInt8) {
    one.add_input<int8_t>(type, c.input, -128, 127, false, input);
  } else {
    one.add_input<float>(type, c.input, -5, 5, false);
  }
  one.add_input<int32_t>(ElementType::kInt32, {static_cast<int32_t>(c.axes.size())}, 0, 0, true);
  std::memcpy(one.input_bytes(1).data(), c.axes.data(), c.axes.size() * sizeof(int32_t));
  one.set_output(type, c.output, output);
  return one;
}

TEST(ReduceKernel, FloatsEqualTheReference) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const OneOperator one = reduction(c, ElementType::kFloat32, nullptr, nullptr);
    expect_equal_kernel(one, Op::kMean, prepare_reduce_f32<Op::kMean>);
    expect_equal_kernel(one, Op::kSum, prepare_reduce_f32<Op::kSum>);
    expect_equal_kernel(one, Op::kReduceMax, prepare_reduce_f32<Op::kReduceMax>);
  }
}

TEST(ReduceKernel, CodesEqualTheReference) {
  const Quantization input{{0.05f}, {-128}, -1}, output{{0.03f}, {-17}, -1}, wide{{3.0f}, {5}, -1};
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_equal_kernel(reduction(c, ElementType::kInt8, &input, &output), Op::kMean, prepare_reduce_s8<Op::kMean>);
    expect_equal_kernel(reduction(c, ElementType::kInt8, &input, &wide), Op::kSum, prepare_reduce_s8<Op::kSum>);
  }
}

TEST(ReduceKernel, LeavesTheLastDimensionToTheReference) {
  const Case last{"", {4, 6}, {1}, {4}};
  const OneOperator one = reduction(last, ElementType::kFloat32, nullptr, nullptr);
  const runtime::PreparedResult kernel = one.prepare(prepare_reduce_f32<Op::kMean>, runtime::InstructionSet::kPortable);
  ASSERT_TRUE(kernel.is_ok());
  EXPECT_EQ(kernel.value(), nullptr);
}

}  // namespace
}  // namespace burin
