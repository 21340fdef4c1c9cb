#include "ops/softmax/kernel.hpp"

#include "ops/elementwise/loops.hpp"
#include "ops/operands.hpp"
#include "ops/softmax/code_softmax.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

runtime::PreparedResult prepare_softmax_f32(const runtime::PrepareContext& context, runtime::InstructionSet set) {
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  if (context.inputs[0].type != ElementType::kFloat32 || context.outputs[0].type != ElementType::kFloat32 ||
      matrix.rows == 0) {
    return runtime::not_applicable();
  }
  const float beta = get<SoftmaxAttributes>(context.attributes).beta;
  return runtime::make_function_kernel("f32_softmax", [=, loops = &element_loops(set)](const runtime::RunContext& run) {
    const auto rows = [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        const float* x = run.inputs[0].as<float>() + row * matrix.columns;
        float* y = run.outputs[0].as<float>() + row * matrix.columns;
        float largest = x[0];
        for (int64_t i = 1; i < matrix.columns; ++i) largest = x[i] > largest ? x[i] : largest;
        loops->exp_of_difference(x, y, matrix.columns, largest, beta);
        float sum = 0.0f;
        for (int64_t i = 0; i < matrix.columns; ++i) sum += y[i];
        loops->divide(y, &sum, 0, y, matrix.columns, activation_range(FusedActivation::kNone));
      }
    };
    run.threads.parallel_for(matrix.rows, 1 + 4096 / matrix.columns, rows);
  });
}

runtime::PreparedResult prepare_softmax_s8(const runtime::PrepareContext& context, runtime::InstructionSet) {
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  if (context.inputs[0].type != ElementType::kInt8 || context.outputs[0].type != ElementType::kInt8 ||
      matrix.rows == 0) {
    return runtime::not_applicable();
  }
  Result<CodeSoftmax> softmax = make_code_softmax(context.inputs[0], context.outputs[0], context.attributes);
  if (!softmax.is_ok()) return softmax.status();
  return runtime::make_function_kernel("s8_softmax", [=, softmax = softmax.value()](const runtime::RunContext& run) {
    const auto rows = [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t first = row * matrix.columns;
        softmax.row(run.inputs[0].as<int8_t>() + first, run.outputs[0].as<int8_t>() + first, matrix.columns);
      }
    };
    run.threads.parallel_for(matrix.rows, 1 + 4096 / matrix.columns, rows);
  });
}

}  // namespace burin
