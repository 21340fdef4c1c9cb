// AVERAGE_POOL_2D and MAX_POOL_2D over the part of each window that lies inside the input.
#include <algorithm>
#include <limits>
#include <vector>

#include "ops/accumulate.hpp"
#include "ops/conv/window.hpp"
#include "ops/integer_values.hpp"
#include "ops/pool/runtime.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

// store(sums, count, pixel): what all channels of a window with `count` pixels make of their sums.
template <typename T, typename Load, typename Store>
Status pool(std::string_view op, const EvaluateContext& context, T start, Accumulate<T> accumulate, Load load,
            Store store) {
  const auto& attributes = get<Pool2dAttributes>(context.attributes);
  const Shape& shape = context.inputs[0].shape;
  WindowAxis height, width;
  Status status =
      make_window_axis(op, "height", attributes.padding, shape[1], attributes.filter_h, attributes.stride_h, 1, height);
  if (!status.is_ok()) return status;
  status =
      make_window_axis(op, "width", attributes.padding, shape[2], attributes.filter_w, attributes.stride_w, 1, width);
  if (!status.is_ok()) return status;
  const int64_t channels = shape[3];
  std::vector<T> sums(static_cast<size_t>(channels));
  int64_t output = 0;
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int32_t y = 0; y < height.output; ++y) {
      const int64_t top = std::max<int64_t>(0, height.start(y));
      const int64_t bottom = std::min<int64_t>(height.input, height.start(y) + height.kernel);
      for (int32_t x = 0; x < width.output; ++x, output += channels) {
        const int64_t left = std::max<int64_t>(0, width.start(x));
        const int64_t right = std::min<int64_t>(width.input, width.start(x) + width.kernel);
        std::fill(sums.begin(), sums.end(), start);
        for (int64_t iy = top; iy < bottom; ++iy) {
          for (int64_t ix = left; ix < right; ++ix) {
            const int64_t pixel = ((n * height.input + iy) * width.input + ix) * channels;
            accumulate(load(pixel, channels), channels, sums.data(), 1);
          }
        }
        store(sums.data(), (bottom - top) * (right - left), output);
      }
    }
  }
  return {};
}

Status pool_floats(std::string_view op, const EvaluateContext& context, bool average) {
  const InputValues<float> input(context.inputs[0]);
  const FloatRange range = activation_range(get<Pool2dAttributes>(context.attributes).activation);
  const int64_t channels = context.inputs[0].shape[3];
  return pool<float>(
      op, context, average ? 0.0f : -std::numeric_limits<float>::infinity(),
      average ? add_values<float> : keep_larger_values<float>,
      [&](int64_t first, int64_t) { return input.data() + first; },
      [&](const float* sums, int64_t count, int64_t pixel) {
        float* output = context.outputs[0].as<float>() + pixel;
        for (int64_t c = 0; c < channels; ++c) {
          output[c] = std::clamp(average ? sums[c] / static_cast<float>(count) : sums[c], range.min, range.max);
        }
      });
}

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

// An average is rounded half away from zero; zero points need no correction, since padding does not count.
Status pool_codes(std::string_view op, const EvaluateContext& context, bool average) {
  const ElementType type = context.inputs[0].type;
  if (type != ElementType::kInt8 && type != ElementType::kUInt8 && type != ElementType::kInt16) {
    return unsupported_type(op, type);
  }
  CodeRange range;
  if (Status status = code_limits(op, context, range); !status.is_ok()) return status;
  const int64_t channels = context.inputs[0].shape[3];
  std::vector<int64_t> values(static_cast<size_t>(channels));
  return pool<int64_t>(
      op, context, average ? 0 : lowest_integer(type), average ? add_values<int64_t> : keep_larger_values<int64_t>,
      [&](int64_t first, int64_t count) {
        load_integers(context.inputs[0], first, 1, count, values.data());
        return values.data();
      },
      [&](int64_t* sums, int64_t count, int64_t pixel) {
        for (int64_t c = 0; c < channels; ++c) {
          if (average) sums[c] = (sums[c] > 0 ? sums[c] + count / 2 : sums[c] - count / 2) / count;
          sums[c] = std::clamp<int64_t>(sums[c], range.min, range.max);
        }
        store_integers(sums, channels, context.outputs[0], pixel);
      });
}

Status evaluate_pool(std::string_view op, const EvaluateContext& context, bool average) {
  const bool floats = context.inputs[0].type == ElementType::kFloat32;
  return floats ? pool_floats(op, context, average) : pool_codes(op, context, average);
}

}  // namespace

Status evaluate_average_pool2d(const EvaluateContext& context) {
  return evaluate_pool("AVERAGE_POOL_2D", context, true);
}
Status evaluate_max_pool2d(const EvaluateContext& context) { return evaluate_pool("MAX_POOL_2D", context, false); }

}  // namespace burin
