// MEAN, SUM and REDUCE_MAX: every input value is added to the output that it belongs to, in input order.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ops/elementwise/quantized.hpp"
#include "ops/reduce/axes.hpp"
#include "ops/reduce/code_reduction.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

template <typename T>
struct AccumulatedReduction {
  ReducedAxes axes;
  int64_t count = 1;  // input values per output
  std::vector<T> sums;
};

// add(sum, value)
template <typename In, typename T, typename Add>
Status reduce(std::string_view op, const EvaluateContext& context, T start, Add add, AccumulatedReduction<T>& result) {
  const TensorView& input = context.inputs[0];
  const bool keep_dims = get<ReduceAttributes>(context.attributes).keep_dims;
  if (Status status = read_axes(op, input, context.inputs[1], keep_dims, result.axes); !status.is_ok()) return status;
  if (!(result.axes.output == context.outputs[0].shape)) {
    return misfit(std::string(op) + ": makes " + to_string(result.axes.output) + ", not " +
                  to_string(context.outputs[0].shape));
  }
  const int rank = input.shape.rank();
  std::array<int64_t, Shape::kMaxRank> strides{};  // of the output per step of an input dimension
  int64_t stride = 1;
  for (int i = rank - 1; i >= 0; --i) {
    const auto axis = static_cast<size_t>(i);
    if (result.axes.reduced[axis]) {
      result.count *= input.shape[i];
    } else {
      strides[axis] = stride;
      stride *= input.shape[i];
    }
  }
  result.sums.assign(static_cast<size_t>(context.outputs[0].shape.elements()), start);
  const InputValues<In> values(input);
  const int64_t count = input.shape.elements();
  if (count == 0) return {};
  const int64_t row = rank == 0 ? 1 : input.shape.back();
  const int64_t step = rank == 0 ? 0 : strides[static_cast<size_t>(rank - 1)];
  std::array<int64_t, Shape::kMaxRank> index{};
  int64_t offset = 0;
  for (int64_t done = 0; done < count; done += row) {
    T* sums = result.sums.data() + offset;
    if (step == 1) {
      for (int64_t i = 0; i < row; ++i) add(sums[i], values[done + i]);
    } else {
      T sum = *sums;
      for (int64_t i = 0; i < row; ++i) add(sum, values[done + i]);
      *sums = sum;
    }
    for (int i = rank - 2; i >= 0; --i) {
      const auto axis = static_cast<size_t>(i);
      offset += strides[axis];
      if (++index[axis] < input.shape[i]) break;
      index[axis] = 0;
      offset -= strides[axis] * input.shape[i];
    }
  }
  return {};
}

template <typename T>
Status evaluate_largest(const EvaluateContext& context) {
  using Limits = std::numeric_limits<T>;
  const T start = Limits::has_infinity ? static_cast<T>(-Limits::infinity()) : Limits::lowest();
  const auto keep_larger = [](T& largest, T value) { largest = value > largest ? value : largest; };
  AccumulatedReduction<T> result;
  Status status = reduce<T>("REDUCE_MAX", context, start, keep_larger, result);
  if (status.is_ok()) std::copy(result.sums.begin(), result.sums.end(), context.outputs[0].as<T>());
  return status;
}

Status evaluate_float(std::string_view op, const EvaluateContext& context, bool mean) {
  AccumulatedReduction<float> result;
  Status status = reduce<float>(op, context, 0.0f, [](float& sum, float value) { sum += value; }, result);
  if (!status.is_ok()) return status;
  float* output = context.outputs[0].as<float>();
  const float count = static_cast<float>(result.count);
  for (size_t i = 0; i < result.sums.size(); ++i) output[i] = mean ? result.sums[i] / count : result.sums[i];
  return {};
}

template <typename T>
Status evaluate_integers(std::string_view op, const EvaluateContext& context, bool mean) {
  AccumulatedReduction<int64_t> result;
  Status status = reduce<T>(op, context, int64_t{0}, [](int64_t& sum, T value) { sum += value; }, result);
  if (!status.is_ok()) return status;
  for (size_t i = 0; i < result.sums.size(); ++i) {
    context.outputs[0].as<T>()[i] =
        static_cast<T>(mean && result.count > 0 ? result.sums[i] / result.count : result.sums[i]);
  }
  return {};
}

// The multiplier of 1 / divisor of the value, in TFLite's steps: as many bits as the divisor has are shifted in first.
FixedPointMultiplier divide(FixedPointMultiplier multiplier, int64_t divisor) {
  const int bits = std::min({63 - std::countl_zero(static_cast<uint64_t>(divisor)), 32, 31 + multiplier.shift});
  if (bits < 0) return {};
  return {static_cast<int32_t>((int64_t{multiplier.multiplier} << bits) / divisor), multiplier.shift - bits};
}

bool reduces_pixels(const EvaluateContext& context, const ReducedAxes& axes) {
  return context.inputs[0].shape.rank() == 4 && !axes.reduced[0] && axes.reduced[1] && axes.reduced[2] &&
         !axes.reduced[3];
}

// litert multiplies in float32, as XNNPACK does. TFLite's reference uses fixed point for the mean of all pixels and for
// int16, and float in all other cases.
template <typename T>
Status evaluate_codes(std::string_view op, const EvaluateContext& context, bool mean) {
  AffineParameters in, out;
  Status status = read_affine(op, "input", context.inputs[0], in);
  if (status.is_ok()) status = read_affine(op, "output", context.outputs[0], out);
  if (!status.is_ok()) return status;
  AccumulatedReduction<int64_t> result;
  status = reduce<T>(op, context, int64_t{0}, [](int64_t& sum, T value) { sum += value; }, result);
  if (!status.is_ok()) return status;
  const CodeRange range = code_range(context.outputs[0].type);
  const int64_t divisor = mean ? std::max<int64_t>(result.count, 1) : 1;
  T* output = context.outputs[0].as<T>();
  const bool wide = context.inputs[0].type == ElementType::kInt16;
  if (context.arithmetic == Arithmetic::kReference && !wide && !(mean && reduces_pixels(context, result.axes))) {
    const float scale = in.scale / out.scale;
    const float bias = static_cast<float>(-in.zero_point) * scale * static_cast<float>(mean ? 1 : result.count);
    for (size_t i = 0; i < result.sums.size(); ++i) {
      const float value = static_cast<float>(result.sums[i]) / static_cast<float>(divisor);
      output[i] =
          static_cast<T>(nearest_code(std::round(value * scale + bias) + static_cast<float>(out.zero_point), range));
    }
    return {};
  }
  if (context.arithmetic == Arithmetic::kLitert && !wide) {
    const CodeReduction reduction(in, out, result.count, mean, range);
    for (size_t i = 0; i < result.sums.size(); ++i) output[i] = static_cast<T>(reduction(result.sums[i]));
    return {};
  }
  const FixedPointMultiplier multiplier =
      divide(quantize_multiplier(static_cast<double>(in.scale) / static_cast<double>(out.scale)), divisor);
  for (size_t i = 0; i < result.sums.size(); ++i) {
    const auto centered =
        static_cast<int32_t>(std::clamp<int64_t>(result.sums[i] - result.count * in.zero_point, INT32_MIN, INT32_MAX));
    const int64_t code = int64_t{multiply_by_quantized_multiplier(centered, multiplier)} + out.zero_point;
    output[i] = static_cast<T>(std::clamp<int64_t>(code, range.min, range.max));
  }
  return {};
}

Status evaluate_sum_or_mean(std::string_view op, const EvaluateContext& context, bool mean) {
  if (context.outputs[0].type != context.inputs[0].type) return unsupported_type(op, context.outputs[0].type);
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return evaluate_float(op, context, mean);
    case ElementType::kInt32:
      return evaluate_integers<int32_t>(op, context, mean);
    case ElementType::kInt64:
      return evaluate_integers<int64_t>(op, context, mean);
    case ElementType::kInt8:
      return evaluate_codes<int8_t>(op, context, mean);
    case ElementType::kUInt8:
      return evaluate_codes<uint8_t>(op, context, mean);
    case ElementType::kInt16:
      return evaluate_codes<int16_t>(op, context, mean);
    default:
      return unsupported_type(op, context.inputs[0].type);
  }
}

}  // namespace

Status evaluate_mean(const EvaluateContext& context) { return evaluate_sum_or_mean("MEAN", context, true); }
Status evaluate_sum(const EvaluateContext& context) { return evaluate_sum_or_mean("SUM", context, false); }

Status evaluate_reduce_max(const EvaluateContext& context) {
  if (context.outputs[0].type != context.inputs[0].type) return unsupported_type("REDUCE_MAX", context.outputs[0].type);
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return evaluate_largest<float>(context);
    case ElementType::kInt8:
      return evaluate_largest<int8_t>(context);
    case ElementType::kUInt8:
      return evaluate_largest<uint8_t>(context);
    case ElementType::kInt16:
      return evaluate_largest<int16_t>(context);
    case ElementType::kInt32:
      return evaluate_largest<int32_t>(context);
    case ElementType::kInt64:
      return evaluate_largest<int64_t>(context);
    default:
      return unsupported_type("REDUCE_MAX", context.inputs[0].type);
  }
}

}  // namespace burin
