// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR. Positions follow TFLite: scale = in / out (with align_corners
// (in - 1) / (out - 1)), source = o * scale, with half_pixel_centers (o + 0.5) * scale - 0.5.
//
// Codes are interpolated in two ways. reference: positions with 10 fractional bits, rounded half away from zero.
// litert: float positions, weights of 11 bits, rounded half up, as XNNPACK does.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/operands.hpp"
#include "ops/resize/runtime.hpp"

namespace burin {

namespace {

// Output o lies between two inputs, `weight` (of 1, or of 2^10 or 2^11) from the first to the second.
template <typename W>
struct Between {
  int64_t first, second;
  W weight;
};

float source_scale(int32_t input, int32_t output, const ResizeAttributes& attributes) {
  if (attributes.align_corners && output > 1) return static_cast<float>(input - 1) / static_cast<float>(output - 1);
  return static_cast<float>(input) / static_cast<float>(output);
}

std::vector<Between<float>> float_positions(int32_t input, int32_t output, const ResizeAttributes& attributes) {
  const float scale = source_scale(input, output, attributes);
  std::vector<Between<float>> positions(static_cast<size_t>(output));
  for (int32_t o = 0; o < output; ++o) {
    float source =
        attributes.half_pixel_centers ? (static_cast<float>(o) + 0.5f) * scale - 0.5f : static_cast<float>(o) * scale;
    source = std::clamp(source, 0.0f, static_cast<float>(input - 1));
    const auto first = static_cast<int64_t>(source);
    positions[static_cast<size_t>(o)] = {first, std::min<int64_t>(first + 1, input - 1),
                                         source - static_cast<float>(first)};
  }
  return positions;
}

constexpr int kWeightBits = 11;

std::vector<Between<int64_t>> weighted_positions(int32_t input, int32_t output, const ResizeAttributes& attributes) {
  std::vector<Between<int64_t>> positions;
  for (const Between<float>& p : float_positions(input, output, attributes)) {
    positions.push_back({p.first, p.second, std::llrint(p.weight * static_cast<float>(1 << kWeightBits))});
  }
  return positions;
}

constexpr int kPositionBits = 10;

std::vector<Between<int64_t>> fixed_positions(int32_t input, int32_t output, const ResizeAttributes& attributes) {
  constexpr int64_t kOne = int64_t{1} << kPositionBits;
  int64_t scale = (kOne * input + output / 2) / output;
  if (attributes.align_corners && output > 1) scale = (kOne * (input - 1) + (output - 1) / 2) / (output - 1);
  std::vector<Between<int64_t>> positions(static_cast<size_t>(output));
  for (int32_t o = 0; o < output; ++o) {
    const int64_t source = attributes.half_pixel_centers ? o * scale + scale / 2 - kOne / 2 : o * scale;
    const int64_t first = std::clamp<int64_t>(source / kOne, 0, input - 1);
    const int64_t second = std::clamp<int64_t>((source + kOne - 1) / kOne, 0, input - 1);
    positions[static_cast<size_t>(o)] = {first, second, source - kOne * first};
  }
  return positions;
}

// mix(top left, top right, bottom left, bottom right, x weight, y weight) gives one value.
template <typename T, typename W, typename Mix>
void interpolate(const EvaluateContext& context, const std::vector<Between<W>>& rows,
                 const std::vector<Between<W>>& columns, Mix mix) {
  const Shape& shape = context.inputs[0].shape;
  const InputValues<T> input(context.inputs[0]);
  T* output = context.outputs[0].as<T>();
  const int64_t channels = shape[3];
  for (int64_t n = 0; n < shape[0]; ++n) {
    const auto pixel = [&](int64_t y, int64_t x) {
      return input.data() + ((n * shape[1] + y) * shape[2] + x) * channels;
    };
    for (const Between<W>& y : rows) {
      for (const Between<W>& x : columns) {
        const T* top_left = pixel(y.first, x.first);
        const T* top_right = pixel(y.first, x.second);
        const T* bottom_left = pixel(y.second, x.first);
        const T* bottom_right = pixel(y.second, x.second);
        for (int64_t c = 0; c < channels; ++c) {
          *output++ = mix(top_left[c], top_right[c], bottom_left[c], bottom_right[c], x.weight, y.weight);
        }
      }
    }
  }
}

// TFLite's reference kernel of uint8 is that of floats.
void interpolate_bytes(const EvaluateContext& context) {
  const auto& attributes = get<ResizeAttributes>(context.attributes);
  const Shape& in = context.inputs[0].shape;
  const Shape& out = context.outputs[0].shape;
  interpolate<uint8_t, float>(
      context, float_positions(in[1], out[1], attributes), float_positions(in[2], out[2], attributes),
      [](float top_left, float top_right, float bottom_left, float bottom_right, float x, float y) {
        return static_cast<uint8_t>(top_left * (1 - y) * (1 - x) + bottom_left * y * (1 - x) + top_right * (1 - y) * x +
                                    bottom_right * y * x + 0.5f);
      });
}

template <typename T>
void interpolate_codes(const EvaluateContext& context) {
  const auto& attributes = get<ResizeAttributes>(context.attributes);
  const Shape& in = context.inputs[0].shape;
  const Shape& out = context.outputs[0].shape;
  // XNNPACK does not take int16.
  if (context.arithmetic == Arithmetic::kReference || sizeof(T) == sizeof(int16_t)) {
    interpolate<T, int64_t>(
        context, fixed_positions(in[1], out[1], attributes), fixed_positions(in[2], out[2], attributes),
        [](T top_left, T top_right, T bottom_left, T bottom_right, int64_t x, int64_t y) {
          constexpr int64_t kOne = int64_t{1} << kPositionBits;
          const int64_t sum =
              (kOne - y) * (top_left * (kOne - x) + top_right * x) + y * (bottom_left * (kOne - x) + bottom_right * x);
          return static_cast<T>((sum + (sum > 0 ? kOne * kOne / 2 : -kOne * kOne / 2)) / (kOne * kOne));
        });
    return;
  }
  interpolate<T, int64_t>(
      context, weighted_positions(in[1], out[1], attributes), weighted_positions(in[2], out[2], attributes),
      [](T top_left, T top_right, T bottom_left, T bottom_right, int64_t x, int64_t y) {
        constexpr int64_t kOne = int64_t{1} << kWeightBits;
        const int64_t top = top_left * kOne + (top_right - top_left) * x;
        const int64_t bottom = bottom_left * kOne + (bottom_right - bottom_left) * x;
        return static_cast<T>((top * kOne + (bottom - top) * y + kOne * kOne / 2) >> (2 * kWeightBits));
      });
}

}  // namespace

Status evaluate_resize_bilinear(const EvaluateContext& context) {
  const auto& attributes = get<ResizeAttributes>(context.attributes);
  const Shape& in = context.inputs[0].shape;
  const Shape& out = context.outputs[0].shape;
  if (context.outputs[0].type != context.inputs[0].type) {
    return unsupported_type("RESIZE_BILINEAR", context.outputs[0].type);
  }
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      interpolate<float, float>(
          context, float_positions(in[1], out[1], attributes), float_positions(in[2], out[2], attributes),
          [](float top_left, float top_right, float bottom_left, float bottom_right, float x, float y) {
            const float top = top_left + (top_right - top_left) * x;
            const float bottom = bottom_left + (bottom_right - bottom_left) * x;
            return top + (bottom - top) * y;
          });
      return {};
    case ElementType::kInt8:
      interpolate_codes<int8_t>(context);
      return {};
    case ElementType::kUInt8:
      if (context.arithmetic == Arithmetic::kReference) {
        interpolate_bytes(context);
      } else {
        interpolate_codes<uint8_t>(context);
      }
      return {};
    case ElementType::kInt16:
      interpolate_codes<int16_t>(context);
      return {};
    default:
      return unsupported_type("RESIZE_BILINEAR", context.inputs[0].type);
  }
}

Status evaluate_resize_nearest_neighbor(const EvaluateContext& context) {
  const auto& attributes = get<ResizeAttributes>(context.attributes);
  const TensorView& input = context.inputs[0];
  const Shape& in = input.shape;
  const Shape& out = context.outputs[0].shape;
  const int64_t size = bit_width(input.type) / 8;
  if (size == 0 || context.outputs[0].type != input.type) {
    return unsupported_type("RESIZE_NEAREST_NEIGHBOR", input.type);
  }
  const auto nearest = [&](int32_t o, int32_t input_size, float scale) {
    const float position = (static_cast<float>(o) + (attributes.half_pixel_centers ? 0.5f : 0.0f)) * scale;
    const float rounded = attributes.align_corners ? std::round(position) : std::floor(position);
    return std::clamp<int64_t>(static_cast<int64_t>(rounded), 0, input_size - 1);
  };
  const float scale_y = source_scale(in[1], out[1], attributes), scale_x = source_scale(in[2], out[2], attributes);
  const int64_t pixel = in[3] * size;
  std::byte* output = context.outputs[0].data;
  for (int64_t n = 0; n < in[0]; ++n) {
    for (int32_t y = 0; y < out[1]; ++y) {
      const int64_t row = (n * in[1] + nearest(y, in[1], scale_y)) * in[2];
      for (int32_t x = 0; x < out[2]; ++x, output += pixel) {
        std::memcpy(output, input.data + (row + nearest(x, in[2], scale_x)) * pixel, static_cast<size_t>(pixel));
      }
    }
  }
  return {};
}

}  // namespace burin
