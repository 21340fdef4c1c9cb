// SOFTMAX and LOG_SOFTMAX over the last dimension.
#include <algorithm>
#include <cmath>

#include "ops/exp.hpp"
#include "ops/operands.hpp"
#include "ops/softmax/code_softmax.hpp"
#include "ops/softmax/runtime.hpp"

namespace burin {

namespace {

float largest_of(const float* x, int64_t count) {
  float largest = x[0];
  for (int64_t i = 1; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

template <typename T>
Status softmax_codes(const EvaluateContext& context) {
  Result<CodeSoftmax> softmax = make_code_softmax(context.inputs[0], context.outputs[0], context.attributes);
  if (!softmax.is_ok()) return softmax.status();
  const InputValues<T> input(context.inputs[0]);
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    const int64_t first = row * matrix.columns;
    softmax.value().row(input.data() + first, context.outputs[0].as<T>() + first, matrix.columns);
  }
  return {};
}

}  // namespace

Status evaluate_softmax(const EvaluateContext& context) {
  if (context.inputs[0].type == ElementType::kInt8 && context.outputs[0].type == ElementType::kInt8) {
    return softmax_codes<int8_t>(context);
  }
  if (context.inputs[0].type == ElementType::kUInt8 && context.outputs[0].type == ElementType::kUInt8) {
    return softmax_codes<uint8_t>(context);
  }
  if (context.inputs[0].type != ElementType::kFloat32 || context.outputs[0].type != ElementType::kFloat32) {
    return unsupported_type("SOFTMAX", context.inputs[0].type);
  }
  const float beta = get<SoftmaxAttributes>(context.attributes).beta;
  const InputValues<float> input(context.inputs[0]);
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    const float* x = input.data() + row * matrix.columns;
    float* y = context.outputs[0].as<float>() + row * matrix.columns;
    const float largest = largest_of(x, matrix.columns);
    float sum = 0.0f;
    for (int64_t i = 0; i < matrix.columns; ++i) {
      y[i] = exp_f32((x[i] - largest) * beta);
      sum += y[i];
    }
    for (int64_t i = 0; i < matrix.columns; ++i) y[i] /= sum;
  }
  return {};
}

Status evaluate_log_softmax(const EvaluateContext& context) {
  if (context.inputs[0].type != ElementType::kFloat32) return unsupported_type("LOG_SOFTMAX", context.inputs[0].type);
  const InputValues<float> input(context.inputs[0]);
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    const float* x = input.data() + row * matrix.columns;
    float* y = context.outputs[0].as<float>() + row * matrix.columns;
    const float largest = largest_of(x, matrix.columns);
    float sum = 0.0f;
    for (int64_t i = 0; i < matrix.columns; ++i) sum += exp_f32(x[i] - largest);
    const float log_sum = log_f32(sum);
    for (int64_t i = 0; i < matrix.columns; ++i) y[i] = x[i] - largest - log_sum;
  }
  return {};
}

}  // namespace burin
