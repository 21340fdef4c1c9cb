// MEAN, SUM and REDUCE_MAX: every input value is added to the output that it belongs to, in input order.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ops/accumulate.hpp"
#include "ops/elementwise/quantized.hpp"
#include "ops/integer_values.hpp"
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

// Values of an input, of its own type (float32) or of any integer type.
class FloatReader {
 public:
  explicit FloatReader(const TensorView& tensor) : values_(tensor) {}
  const float* read(int64_t first, int64_t) { return values_.data() + first; }

 private:
  InputValues<float> values_;
};
class IntegerReader {
 public:
  explicit IntegerReader(const TensorView& tensor) : tensor_(tensor) {}
  const int64_t* read(int64_t first, int64_t count) {
    load_integers(tensor_, first, 1, count, values_);
    return values_;
  }

 private:
  TensorView tensor_;
  int64_t values_[kIntegerBlock];
};

template <typename T, typename Reader>
Status reduce(std::string_view op, const EvaluateContext& context, T start, Accumulate<T> accumulate,
              AccumulatedReduction<T>& result) {
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
  Reader values(input);
  const int64_t count = input.shape.elements();
  if (count == 0) return {};
  const int64_t row = rank == 0 ? 1 : input.shape.back();
  const int64_t step = rank == 0 ? 0 : strides[static_cast<size_t>(rank - 1)];
  std::array<int64_t, Shape::kMaxRank> index{};
  int64_t offset = 0;
  for (int64_t done = 0; done < count; done += row) {
    for (int64_t i = 0; i < row; i += kIntegerBlock) {
      const int64_t block = std::min(kIntegerBlock, row - i);
      accumulate(values.read(done + i, block), block, result.sums.data() + offset + i * step, step);
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

Status reduce_float(std::string_view op, const EvaluateContext& context, float start, Accumulate<float> accumulate,
                    bool mean) {
  AccumulatedReduction<float> result;
  Status status = reduce<float, FloatReader>(op, context, start, accumulate, result);
  if (!status.is_ok()) return status;
  float* output = context.outputs[0].as<float>();
  const float count = static_cast<float>(result.count);
  for (size_t i = 0; i < result.sums.size(); ++i) output[i] = mean ? result.sums[i] / count : result.sums[i];
  return {};
}

Status reduce_integers(std::string_view op, const EvaluateContext& context, int64_t start,
                       Accumulate<int64_t> accumulate, AccumulatedReduction<int64_t>& result) {
  return reduce<int64_t, IntegerReader>(op, context, start, accumulate, result);
}

void store_sums(const AccumulatedReduction<int64_t>& result, const EvaluateContext& context) {
  store_integers(result.sums.data(), static_cast<int64_t>(result.sums.size()), context.outputs[0], 0);
}

Status evaluate_integers(std::string_view op, const EvaluateContext& context, bool mean) {
  AccumulatedReduction<int64_t> result;
  if (Status status = reduce_integers(op, context, 0, add_values, result); !status.is_ok()) return status;
  for (int64_t& sum : result.sums) {
    if (mean && result.count > 0) sum /= result.count;
  }
  store_sums(result, context);
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
Status evaluate_codes(std::string_view op, const EvaluateContext& context, bool mean) {
  AffineParameters in, out;
  Status status = read_affine(op, "input", context.inputs[0], in);
  if (status.is_ok()) status = read_affine(op, "output", context.outputs[0], out);
  if (!status.is_ok()) return status;
  AccumulatedReduction<int64_t> result;
  status = reduce_integers(op, context, 0, add_values, result);
  if (!status.is_ok()) return status;
  const CodeRange range = code_range(context.outputs[0].type);
  const int64_t divisor = mean ? std::max<int64_t>(result.count, 1) : 1;
  const bool wide = context.inputs[0].type == ElementType::kInt16;
  if (context.arithmetic == Arithmetic::kReference && !wide && !(mean && reduces_pixels(context, result.axes))) {
    const float scale = in.scale / out.scale;
    const float bias = static_cast<float>(-in.zero_point) * scale * static_cast<float>(mean ? 1 : result.count);
    for (int64_t& sum : result.sums) {
      const float value = static_cast<float>(sum) / static_cast<float>(divisor);
      sum = nearest_code(std::round(value * scale + bias) + static_cast<float>(out.zero_point), range);
    }
  } else if (context.arithmetic == Arithmetic::kLitert && !wide) {
    const CodeReduction reduction(in, out, result.count, mean, range);
    for (int64_t& sum : result.sums) sum = reduction(sum);
  } else {
    const FixedPointMultiplier multiplier =
        divide(quantize_multiplier(static_cast<double>(in.scale) / static_cast<double>(out.scale)), divisor);
    for (int64_t& sum : result.sums) {
      const auto centered =
          static_cast<int32_t>(std::clamp<int64_t>(sum - result.count * in.zero_point, INT32_MIN, INT32_MAX));
      const int64_t code = int64_t{multiply_by_quantized_multiplier(centered, multiplier)} + out.zero_point;
      sum = std::clamp<int64_t>(code, range.min, range.max);
    }
  }
  store_sums(result, context);
  return {};
}

Status evaluate_sum_or_mean(std::string_view op, const EvaluateContext& context, bool mean) {
  if (context.outputs[0].type != context.inputs[0].type) return unsupported_type(op, context.outputs[0].type);
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return reduce_float(op, context, 0.0f, add_values, mean);
    case ElementType::kInt32:
    case ElementType::kInt64:
      return evaluate_integers(op, context, mean);
    case ElementType::kInt8:
    case ElementType::kUInt8:
    case ElementType::kInt16:
      return evaluate_codes(op, context, mean);
    default:
      return unsupported_type(op, context.inputs[0].type);
  }
}

}  // namespace

Status evaluate_mean(const EvaluateContext& context) { return evaluate_sum_or_mean("MEAN", context, true); }
Status evaluate_sum(const EvaluateContext& context) { return evaluate_sum_or_mean("SUM", context, false); }

Status evaluate_reduce_max(const EvaluateContext& context) {
  constexpr std::string_view kName = "REDUCE_MAX";
  const ElementType type = context.inputs[0].type;
  if (context.outputs[0].type != type) return unsupported_type(kName, context.outputs[0].type);
  if (type == ElementType::kFloat32) {
    return reduce_float(kName, context, -std::numeric_limits<float>::infinity(), keep_larger_values, false);
  }
  if (!is_integer(type) || type == ElementType::kInt4) return unsupported_type(kName, type);
  AccumulatedReduction<int64_t> result;
  Status status = reduce_integers(kName, context, lowest_integer(type), keep_larger_values, result);
  if (status.is_ok()) store_sums(result, context);
  return status;
}

}  // namespace burin
