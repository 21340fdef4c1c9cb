#include "ops/pad/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

struct Case {
  const char* name;
  Shape input;
  std::vector<int32_t> paddings;
  Shape output;
};

const Case kCases[] = {
    {"Image", {2, 15, 13, 3}, {0, 0, 0, 1, 0, 1, 0, 0}, {2, 16, 14, 3}},
    {"BothSides", {1, 112, 57, 5}, {0, 0, 3, 2, 1, 4, 0, 0}, {1, 117, 62, 5}},
    {"Channels", {1, 4, 5, 3}, {0, 0, 0, 0, 0, 0, 2, 3}, {1, 4, 5, 8}},
    {"Everywhere", {2, 3, 4}, {1, 2, 3, 1, 2, 2}, {5, 7, 8}},
    {"Vector", {5}, {2, 3}, {10}},
    {"Nothing", {3, 4}, {0, 0, 0, 0}, {3, 4}},
};

template <typename T>
void expect_padded(const Case& c, ElementType type, const Quantization* quantization) {
  SCOPED_TRACE(c.name);
  for (const Op op : {Op::kPad, Op::kPadV2}) {
    OneOperator one(NoAttributes{});
    one.add_input<T>(type, c.input, -100, 100, false, quantization);
    one.add_input<int32_t>(ElementType::kInt32, {c.input.rank(), 2}, 0, 0, true);
    std::memcpy(one.input_bytes(1).data(), c.paddings.data(), c.paddings.size() * sizeof(int32_t));
    if (op == Op::kPadV2) one.add_input<T>(type, {}, 7, 9, true, quantization);
    one.set_output(type, c.output, quantization);
    expect_equal_kernel(one, op, op == Op::kPad ? prepare_pad<Op::kPad> : prepare_pad<Op::kPadV2>);
  }
}

TEST(PadKernel, EqualsTheReference) {
  const Quantization quantization{{0.5f}, {-37}, -1};
  for (const Case& c : kCases) {
    expect_padded<float>(c, ElementType::kFloat32, nullptr);
    expect_padded<int8_t>(c, ElementType::kInt8, &quantization);
    expect_padded<int64_t>(c, ElementType::kInt64, nullptr);
  }
}

}  // namespace
}  // namespace burin
