// AVERAGE_POOL_2D and MAX_POOL_2D over the part of each window that lies inside the input.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/conv/window.hpp"
#include "ops/pool/runtime.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

// Pool gives start(), add(sum, value), finish(sum, count): one output channel's value.
template <typename T, typename Pool>
Status evaluate(std::string_view op, const EvaluateContext& context, Pool pool) {
  const auto& attributes = get<Pool2dAttributes>(context.attributes);
  const Shape& shape = context.inputs[0].shape;
  WindowAxis height, width;
  Status status =
      make_window_axis(op, "height", attributes.padding, shape[1], attributes.filter_h, attributes.stride_h, 1, height);
  if (!status.is_ok()) return status;
  status =
      make_window_axis(op, "width", attributes.padding, shape[2], attributes.filter_w, attributes.stride_w, 1, width);
  if (!status.is_ok()) return status;
  const InputValues<T> input(context.inputs[0]);
  T* output = context.outputs[0].as<T>();
  const int64_t channels = shape[3];
  std::vector<typename Pool::Sum> sums(static_cast<size_t>(channels));
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int32_t y = 0; y < height.output; ++y) {
      const int64_t top = std::max<int64_t>(0, height.start(y));
      const int64_t bottom = std::min<int64_t>(height.input, height.start(y) + height.kernel);
      for (int32_t x = 0; x < width.output; ++x) {
        const int64_t left = std::max<int64_t>(0, width.start(x));
        const int64_t right = std::min<int64_t>(width.input, width.start(x) + width.kernel);
        std::fill(sums.begin(), sums.end(), pool.start());
        for (int64_t iy = top; iy < bottom; ++iy) {
          for (int64_t ix = left; ix < right; ++ix) {
            const T* values = input.data() + ((n * height.input + iy) * width.input + ix) * channels;
            for (int64_t c = 0; c < channels; ++c) pool.add(sums[static_cast<size_t>(c)], values[c]);
          }
        }
        const int64_t count = (bottom - top) * (right - left);
        for (int64_t c = 0; c < channels; ++c) *output++ = pool.finish(sums[static_cast<size_t>(c)], count);
      }
    }
  }
  return {};
}

struct FloatAverage {
  using Sum = float;
  FloatRange range;
  float start() const { return 0.0f; }
  void add(float& sum, float value) const { sum += value; }
  float finish(float sum, int64_t count) const {
    const float value = sum / static_cast<float>(count);
    return value < range.min ? range.min : value > range.max ? range.max : value;
  }
};

// Rounds half away from zero; zero points need no correction, since padding does not count.
template <typename T>
struct IntegerAverage {
  using Sum = int64_t;
  CodeRange range;
  int64_t start() const { return 0; }
  void add(int64_t& sum, T value) const { sum += value; }
  T finish(int64_t sum, int64_t count) const {
    const int64_t value = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    return static_cast<T>(std::clamp<int64_t>(value, range.min, range.max));
  }
};

template <typename T>
struct Maximum {
  using Sum = T;
  T min, max;
  T start() const {
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? static_cast<T>(-Limits::infinity()) : Limits::lowest();
  }
  void add(T& largest, T value) const { largest = value > largest ? value : largest; }
  T finish(T largest, int64_t) const { return largest < min ? min : largest > max ? max : largest; }
};

// The codes that the fused activation clamps to. Input and output share their parameters.
Status code_limits(std::string_view op, const EvaluateContext& context, CodeRange& range) {
  const auto& attributes = get<Pool2dAttributes>(context.attributes);
  const TensorView output = context.outputs[0];
  range = code_range(output.type);
  if (attributes.activation == FusedActivation::kNone) return {};
  AffineParameters parameters;
  if (Status status = read_affine(op, "output", output, parameters); !status.is_ok()) return status;
  range = activation_code_range(attributes.activation, output.type, parameters.scale, parameters.zero_point);
  return {};
}

template <template <typename> typename Pool, typename T>
Status evaluate_codes(std::string_view op, const EvaluateContext& context) {
  CodeRange range;
  if (Status status = code_limits(op, context, range); !status.is_ok()) return status;
  if constexpr (std::is_same_v<Pool<T>, Maximum<T>>) {
    return evaluate<T>(op, context, Maximum<T>{static_cast<T>(range.min), static_cast<T>(range.max)});
  } else {
    return evaluate<T>(op, context, Pool<T>{range});
  }
}

template <template <typename> typename Pool>
Status evaluate_integers(std::string_view op, const EvaluateContext& context) {
  switch (context.inputs[0].type) {
    case ElementType::kInt8:
      return evaluate_codes<Pool, int8_t>(op, context);
    case ElementType::kUInt8:
      return evaluate_codes<Pool, uint8_t>(op, context);
    case ElementType::kInt16:
      return evaluate_codes<Pool, int16_t>(op, context);
    default:
      return unsupported_type(op, context.inputs[0].type);
  }
}

}  // namespace

Status evaluate_average_pool2d(const EvaluateContext& context) {
  constexpr std::string_view kName = "AVERAGE_POOL_2D";
  if (context.inputs[0].type != ElementType::kFloat32) return evaluate_integers<IntegerAverage>(kName, context);
  const auto& attributes = get<Pool2dAttributes>(context.attributes);
  return evaluate<float>(kName, context, FloatAverage{activation_range(attributes.activation)});
}

Status evaluate_max_pool2d(const EvaluateContext& context) {
  constexpr std::string_view kName = "MAX_POOL_2D";
  if (context.inputs[0].type != ElementType::kFloat32) return evaluate_integers<Maximum>(kName, context);
  const FloatRange range = activation_range(get<Pool2dAttributes>(context.attributes).activation);
  return evaluate<float>(kName, context, Maximum<float>{range.min, range.max});
}

}  // namespace burin
