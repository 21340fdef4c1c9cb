#include "ops/quantization/kernel.hpp"

#include <limits>

#include "kernel_expectations.hpp"

namespace burin {
namespace {

const Quantization kParameters[] = {
    {{0.05f}, {-3}, -1}, {{1.0f}, {-128}, -1}, {{0.0078431f}, {127}, -1}, {{3e-6f}, {0}, -1}};

TEST(QuantizeKernel, EqualsTheReference) {
  for (const Quantization& output : kParameters) {
    SCOPED_TRACE(output.scales[0]);
    OneOperator one(NoAttributes{});
    one.add_input<float>(ElementType::kFloat32, {2, 101, 103}, -300 * output.scales[0], 300 * output.scales[0], false);
    auto* x = reinterpret_cast<float*>(one.input_bytes(0).data());
    for (int i = 0; i < 200; ++i) x[i] = (static_cast<float>(i - 100) + 0.5f) * output.scales[0];  // halves
    x[200] = std::numeric_limits<float>::infinity();
    x[201] = -std::numeric_limits<float>::infinity();
    x[202] = std::numeric_limits<float>::max();
    one.set_output(ElementType::kInt8, {2, 101, 103}, &output);
    expect_equal_kernel(one, Op::kQuantize, prepare_quantize_s8);
  }
}

TEST(DequantizeKernel, EqualsTheReference) {
  for (const Quantization& input : kParameters) {
    OneOperator one(NoAttributes{});
    one.add_input<int8_t>(ElementType::kInt8, {2, 101, 103}, -128, 127, false, &input);
    one.set_output(ElementType::kFloat32, {2, 101, 103});
    expect_equal_kernel(one, Op::kDequantize, prepare_dequantize_table);
  }
  const Quantization bytes{{0.5f}, {200}, -1};
  OneOperator one(NoAttributes{});
  one.add_input<uint8_t>(ElementType::kUInt8, {77}, 0, 255, false, &bytes);
  one.set_output(ElementType::kFloat32, {77});
  expect_equal_kernel(one, Op::kDequantize, prepare_dequantize_table);
}

}  // namespace
}  // namespace burin
