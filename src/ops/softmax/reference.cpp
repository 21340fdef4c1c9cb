// SOFTMAX and LOG_SOFTMAX over the last dimension.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/exp.hpp"
#include "ops/operands.hpp"
#include "ops/requantize.hpp"
#include "ops/softmax/runtime.hpp"

namespace burin {

namespace {

float largest_of(const float* x, int64_t count) {
  float largest = x[0];
  for (int64_t i = 1; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// The exponentials of all 256 distances to the largest code are a table, as in LiteRT.
template <typename T>
Status softmax_codes(const EvaluateContext& context) {
  AffineParameters in, out;
  Status status = read_affine("SOFTMAX", "input", context.inputs[0], in);
  if (status.is_ok()) status = read_affine("SOFTMAX", "output", context.outputs[0], out);
  if (!status.is_ok()) return status;
  const float step = -in.scale * get<SoftmaxAttributes>(context.attributes).beta;
  std::array<float, 256> exponentials;
  for (size_t i = 0; i < exponentials.size(); ++i) exponentials[i] = exp_f32(step * static_cast<float>(i));
  const InputValues<T> input(context.inputs[0]);
  const RowsOf matrix = rows_of(context.inputs[0].shape);
  const CodeRange range = code_range(context.outputs[0].type);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    const T* x = input.data() + row * matrix.columns;
    T* y = context.outputs[0].as<T>() + row * matrix.columns;
    const int32_t largest = *std::max_element(x, x + matrix.columns);
    float sum = 0.0f;
    for (int64_t i = 0; i < matrix.columns; ++i) sum += exponentials[static_cast<size_t>(largest - x[i])];
    const float inverse = 1.0f / (sum * out.scale);
    for (int64_t i = 0; i < matrix.columns; ++i) {
      const float code = std::round(exponentials[static_cast<size_t>(largest - x[i])] * inverse);
      y[i] = static_cast<T>(nearest_code(code + static_cast<float>(out.zero_point), range));
    }
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
