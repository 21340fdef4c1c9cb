#include "ops/quantization/kernel.hpp"

#include <array>

#include "ops/elementwise/loops.hpp"
#include "ops/operands.hpp"
#include "ops/quantization/runtime.hpp"
#include "ops/requantize.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

PreparedResult prepare_quantize_s8(const PrepareContext& context, runtime::InstructionSet set) {
  if (context.inputs[0].type != ElementType::kFloat32 || context.outputs[0].type != ElementType::kInt8 ||
      context.arithmetic != Arithmetic::kLitert) {
    return runtime::not_applicable();
  }
  AffineParameters output;
  if (const Status status = read_affine("QUANTIZE", "output", context.outputs[0], output); !status.is_ok()) {
    return status;
  }
  const CodeRange range = code_range(ElementType::kInt8);
  const CodeRounding rounding{1.0f / output.scale, output.zero_point, static_cast<float>(range.min - output.zero_point),
                              static_cast<float>(range.max - output.zero_point)};
  return runtime::make_function_kernel(
      "s8_quantize", [=, loop = element_loops(set).quantize_s8](const RunContext& run) {
        const float* x = run.inputs[0].as<float>();
        int8_t* y = run.outputs[0].as<int8_t>();
        run.threads.parallel_for(
            run.outputs[0].shape.elements(), runtime::kElementGrain,
            [&](int64_t begin, int64_t end, int) { loop(x + begin, y + begin, end - begin, rounding); });
      });
}

PreparedResult prepare_dequantize_table(const PrepareContext& context, runtime::InstructionSet) {
  const TensorView& input = context.inputs[0];
  if ((input.type != ElementType::kInt8 && input.type != ElementType::kUInt8) || input.quantization == nullptr ||
      input.quantization->per_channel()) {
    return runtime::not_applicable();
  }
  std::array<uint8_t, 256> codes;
  std::array<float, 256> table;
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i);
  const TensorView all{reinterpret_cast<const std::byte*>(codes.data()), input.type, {256}, input.quantization};
  const MutableTensorView results{reinterpret_cast<std::byte*>(table.data()), ElementType::kFloat32, {256}};
  const Status status =
      evaluate_dequantize({std::span(&all, 1), std::span(&results, 1), context.attributes, context.arithmetic});
  if (!status.is_ok()) return status;
  return runtime::make_function_kernel("dequantize_table", [table](const RunContext& run) {
    const uint8_t* x = run.inputs[0].as<uint8_t>();
    float* y = run.outputs[0].as<float>();
    run.threads.parallel_for(run.outputs[0].shape.elements(), runtime::kElementGrain,
                             [&](int64_t begin, int64_t end, int) {
                               for (int64_t i = begin; i < end; ++i) y[i] = table[x[i]];
                             });
  });
}

}  // namespace burin
