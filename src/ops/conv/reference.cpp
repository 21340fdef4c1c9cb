// CONV_2D and DEPTHWISE_CONV_2D. Weights are transposed to [k][lane] once, lanes being output channels, so that the
// inner loop vectorizes while every output is still summed over k in ascending order. Padding is left out of the sum:
// in quantized types it stands for the input's zero point.
#include <algorithm>
#include <type_traits>

#include "ops/channel_requantizer.hpp"
#include "ops/conv/hybrid_coding.hpp"
#include "ops/conv/runtime.hpp"
#include "ops/conv/window.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

namespace {

constexpr int kLanes = 16;  // output channels that are summed together

struct Geometry {
  int32_t batch = 0;
  WindowAxis height, width;
  int32_t input_channels = 0;
  int32_t output_channels = 0;
  int32_t kernel_channels = 0;  // CONV_2D: input channels of one group
};

template <typename A>
Status make_geometry(std::string_view op, const EvaluateContext& context, const A& attributes, Geometry& geometry) {
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;
  const Shape& output = context.outputs[0].shape;
  geometry.batch = input[0];
  geometry.input_channels = input[3];
  geometry.output_channels = output[3];
  geometry.kernel_channels = kernel[3];
  Status status = make_window_axis(op, "height", attributes.padding, input[1], kernel[1], attributes.stride_h,
                                   attributes.dilation_h, geometry.height);
  if (!status.is_ok()) return status;
  return make_window_axis(op, "width", attributes.padding, input[2], kernel[2], attributes.stride_w,
                          attributes.dilation_w, geometry.width);
}

// Calls visit(n, y, x) for every output pixel.
template <typename Visit>
void for_each_pixel(const Geometry& g, Visit visit) {
  for (int32_t n = 0; n < g.batch; ++n) {
    for (int32_t y = 0; y < g.height.output; ++y) {
      for (int32_t x = 0; x < g.width.output; ++x) visit(n, y, x);
    }
  }
}

// Calls visit(tap, offset) for every kernel position that reads inside the input; offset counts pixels of the image.
template <typename Visit>
void for_each_tap(const Geometry& g, int32_t y, int32_t x, Visit visit) {
  for (int32_t ky = 0; ky < g.height.kernel; ++ky) {
    const int64_t iy = g.height.start(y) + int64_t{ky} * g.height.dilation;
    if (iy < 0 || iy >= g.height.input) continue;
    for (int32_t kx = 0; kx < g.width.kernel; ++kx) {
      const int64_t ix = g.width.start(x) + int64_t{kx} * g.width.dilation;
      if (ix < 0 || ix >= g.width.input) continue;
      visit(ky * g.width.kernel + kx, iy * g.width.input + ix);
    }
  }
}

// finish(pixel, n, first_channel, accumulators, count) takes the sums of up to kLanes output channels.
struct Conv2dSum {
  template <typename T, typename X, typename Finish>
  static void run(const Geometry& g, const X* input, int32_t zero_point, const typename T::Weight* weights,
                  Finish finish) {
    using Weight = typename T::Weight;
    const int32_t groups = g.input_channels / g.kernel_channels;
    const int32_t group_outputs = g.output_channels / groups;
    const int32_t blocks = (group_outputs + kLanes - 1) / kLanes;
    const int64_t depth = int64_t{g.height.kernel} * g.width.kernel * g.kernel_channels;
    std::vector<Weight> packed(static_cast<size_t>(int64_t{groups} * blocks * depth * kLanes));
    for (int32_t o = 0; o < g.output_channels; ++o) {
      const int32_t group = o / group_outputs, within = o % group_outputs;
      Weight* block = packed.data() + (int64_t{group} * blocks + within / kLanes) * depth * kLanes + within % kLanes;
      for (int64_t k = 0; k < depth; ++k) block[k * kLanes] = weights[o * depth + k];
    }
    const int64_t image = int64_t{g.height.input} * g.width.input;
    int64_t pixel = 0;
    for_each_pixel(g, [&](int32_t n, int32_t y, int32_t x) {
      for (int32_t group = 0; group < groups; ++group) {
        for (int32_t block = 0; block < blocks; ++block) {
          const Weight* lanes = packed.data() + (int64_t{group} * blocks + block) * depth * kLanes;
          const int32_t first = group * group_outputs + block * kLanes;
          typename T::Sum sums[kLanes] = {};
          finish.start(first, std::min(kLanes, group_outputs - block * kLanes), sums);
          for_each_tap(g, y, x, [&](int32_t tap, int64_t offset) {
            const X* values = input + (n * image + offset) * g.input_channels + group * g.kernel_channels;
            const Weight* w = lanes + int64_t{tap} * g.kernel_channels * kLanes;
            for (int32_t c = 0; c < g.kernel_channels; ++c, w += kLanes) {
              const auto value = T::value(values[c], zero_point);
              for (int i = 0; i < kLanes; ++i) T::add(sums[i], value, w[i]);
            }
          });
          finish.store(pixel, n, first, std::min(kLanes, group_outputs - block * kLanes), sums);
        }
      }
      ++pixel;
    });
  }
};

struct DepthwiseSum {
  template <typename T, typename X, typename Finish>
  static void run(const Geometry& g, const X* input, int32_t zero_point, const typename T::Weight* weights,
                  Finish finish) {
    const int32_t multiplier = g.output_channels / g.input_channels;
    const int64_t image = int64_t{g.height.input} * g.width.input;
    int64_t pixel = 0;
    for_each_pixel(g, [&](int32_t n, int32_t y, int32_t x) {
      for (int32_t first = 0; first < g.output_channels; first += kLanes) {
        const int32_t count = std::min(kLanes, g.output_channels - first);
        typename T::Sum sums[kLanes] = {};
        finish.start(first, count, sums);
        for_each_tap(g, y, x, [&](int32_t tap, int64_t offset) {
          const X* values = input + (n * image + offset) * g.input_channels;
          const typename T::Weight* w = weights + int64_t{tap} * g.output_channels + first;
          for (int32_t i = 0; i < count; ++i) {
            T::add(sums[i], T::value(values[multiplier == 1 ? first + i : (first + i) / multiplier], zero_point), w[i]);
          }
        });
        finish.store(pixel, n, first, count, sums);
      }
      ++pixel;
    });
  }
};

template <typename Operator>
Status evaluate_float(std::string_view op, const EvaluateContext& context, const Geometry& g,
                      FusedActivation activation) {
  const InputValues<float> input(context.inputs[0]), weights(context.inputs[1]);
  FloatFinish finish;
  if (Status status = FloatFinish::make(op, context, activation, g.output_channels, finish); !status.is_ok())
    return status;
  Operator::template run<FloatSum>(g, input.data(), 0, weights.data(), std::move(finish));
  return {};
}

template <typename Operator, typename T, typename X>
Status evaluate_quantized(std::string_view op, const EvaluateContext& context, const Geometry& g,
                          FusedActivation activation) {
  std::vector<int16_t> weights;
  if (Status status = widen_weights(op, context.inputs[1], g.output_channels, weights); !status.is_ok()) return status;
  AffineParameters parameters;
  if (Status status = read_affine(op, "input", context.inputs[0], parameters); !status.is_ok()) return status;
  const InputValues<X> input(context.inputs[0]);
  QuantizedFinish<T, X> finish;
  if (Status status =
          QuantizedFinish<T, X>::make(op, context, activation, g.output_channels, ReferenceRounding::kTwice, finish);
      !status.is_ok()) {
    return status;
  }
  Operator::template run<T>(g, input.data(), parameters.zero_point, weights.data(), std::move(finish));
  return {};
}

template <typename Operator, typename A>
Status evaluate_hybrid(std::string_view op, const EvaluateContext& context, const Geometry& g, const A& attributes) {
  std::vector<int16_t> weights;
  if (Status status = widen_weights(op, context.inputs[1], g.output_channels, weights); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  const int64_t pixels = int64_t{g.height.input} * g.width.input;
  const auto [row_is_pixel, coding] =
      hybrid_coding(attributes, context.inputs[0], context.inputs[1], context.arithmetic);
  QuantizedRows rows = row_is_pixel ? quantize_rows(input.data(), g.batch * pixels, g.input_channels, coding)
                                    : quantize_rows(input.data(), g.batch, pixels * g.input_channels, coding);
  HybridFinish finish;
  Status status = HybridFinish::make(op, context, attributes.activation, g.output_channels, std::move(rows.scales),
                                     row_is_pixel, finish);
  if (!status.is_ok()) return status;
  Operator::template run<IntegerSum>(g, rows.codes.data(), 0, weights.data(), std::move(finish));
  return {};
}

template <typename Operator, typename A>
Status evaluate(std::string_view op, const EvaluateContext& context) {
  const A& attributes = get<A>(context.attributes);
  const ElementType type = context.inputs[0].type;
  const ElementType weight_type = context.inputs[1].type;
  if (context.outputs[0].type != type) return unsupported_type(op, context.outputs[0].type);
  Geometry g;
  if (Status status = make_geometry(op, context, attributes, g); !status.is_ok()) return status;
  const bool small_weights = weight_type == ElementType::kInt8 || weight_type == ElementType::kInt4;
  if (type == ElementType::kFloat32 && weight_type == ElementType::kFloat32) {
    return evaluate_float<Operator>(op, context, g, attributes.activation);
  }
  if (type == ElementType::kFloat32 && small_weights) return evaluate_hybrid<Operator>(op, context, g, attributes);
  if (type == ElementType::kInt8 && small_weights) {
    return evaluate_quantized<Operator, IntegerSum, int8_t>(op, context, g, attributes.activation);
  }
  if (type == ElementType::kUInt8 && weight_type == ElementType::kUInt8) {
    return evaluate_quantized<Operator, IntegerSum, uint8_t>(op, context, g, attributes.activation);
  }
  if (type == ElementType::kInt16 && small_weights) {
    return evaluate_quantized<Operator, LongSum, int16_t>(op, context, g, attributes.activation);
  }
  return unsupported_weights(op, type, weight_type);
}

}  // namespace

Status evaluate_conv2d(const EvaluateContext& context) {
  return evaluate<Conv2dSum, Conv2dAttributes>("CONV_2D", context);
}

Status evaluate_depthwise_conv2d(const EvaluateContext& context) {
  return evaluate<DepthwiseSum, DepthwiseConv2dAttributes>("DEPTHWISE_CONV_2D", context);
}

}  // namespace burin
