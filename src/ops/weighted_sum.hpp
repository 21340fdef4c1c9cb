// The sums of products of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: which types are multiplied and summed, what a
// sum starts from (the bias) and how it becomes an output. A "finish" has
//   start(first_channel, count, sums)             fills the sums of `count` output channels with the bias
//   store(row, batch, first_channel, count, sums) writes them; row counts output pixels (or matrix rows)
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "gemm/quantize_row.hpp"
#include "ops/channel_requantizer.hpp"
#include "ops/operands.hpp"

namespace burin {

struct FloatSum {
  using Weight = float;
  using Sum = float;
  static float value(float x, int32_t) { return x; }
  static void add(float& sum, float value, float weight) { sum += value * weight; }
};

// 8-bit activations. Sums wrap around, as they do in LiteRT: only absurd depths reach 2^31.
struct IntegerSum {
  using Weight = int16_t;
  using Sum = uint32_t;
  static int32_t accumulator(uint32_t sum) { return static_cast<int32_t>(sum); }
  template <typename X>
  static int16_t value(X x, int32_t zero_point) {
    return static_cast<int16_t>(x - zero_point);
  }
  static void add(uint32_t& sum, int16_t value, int16_t weight) {
    sum += static_cast<uint32_t>(int32_t{value} * weight);
  }
};

// 16-bit activations.
struct LongSum {
  using Weight = int16_t;
  using Sum = int64_t;
  static int16_t value(int16_t x, int32_t) { return x; }
  static void add(int64_t& sum, int16_t value, int16_t weight) { sum += int32_t{value} * weight; }
  static int64_t accumulator(int64_t sum) { return sum; }
};

// "CONV_2D does not take int8 weights with int32 activations"
Status unsupported_weights(std::string_view op, ElementType activations, ElementType weights);

// int4 weights (two a byte, the first in the low half), one a byte.
void unpack_int4(const TensorView& weights, std::vector<int8_t>& values);

// int8, int4 or uint8 weights less their zero point.
Status widen_weights(std::string_view op, const TensorView& weights, int64_t channels, std::vector<int16_t>& values);

// The bias as T, one per channel; zeros where there is none.
Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<float>& bias);
Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<int64_t>& bias);

class FloatFinish {
 public:
  static Status make(std::string_view op, const EvaluateContext& context, FusedActivation activation, int64_t channels,
                     FloatFinish& finish);
  void start(int64_t first, int64_t count, float* sums) const {
    for (int64_t i = 0; i < count; ++i) sums[i] = bias_[static_cast<size_t>(first + i)];
  }
  void store(int64_t row, int64_t, int64_t first, int64_t count, const float* sums) const {
    float* output = output_ + row * channels_ + first;
    for (int64_t i = 0; i < count; ++i) output[i] = clamp(sums[i]);
  }
  // NaN stays NaN.
  float clamp(float x) const { return x < range_.min ? range_.min : x > range_.max ? range_.max : x; }

 private:
  std::vector<float> bias_;
  float* output_ = nullptr;
  int64_t channels_ = 0;
  FloatRange range_{};
};

// T is IntegerSum or LongSum, X the type of activations.
template <typename T, typename X>
class QuantizedFinish {
 public:
  static Status make(std::string_view op, const EvaluateContext& context, FusedActivation activation, int64_t channels,
                     ReferenceRounding rounding, QuantizedFinish& finish) {
    finish.output_ = context.outputs[0].as<X>();
    finish.channels_ = channels;
    if (Status status = read_bias(op, context, channels, finish.bias_); !status.is_ok()) return status;
    return ChannelRequantizer::make(op, context.inputs[0], context.inputs[1], context.outputs[0], channels, activation,
                                    context.arithmetic, rounding, finish.requantize_);
  }
  void start(int64_t first, int64_t count, typename T::Sum* sums) const {
    for (int64_t i = 0; i < count; ++i) sums[i] = static_cast<typename T::Sum>(bias_[static_cast<size_t>(first + i)]);
  }
  void store(int64_t row, int64_t, int64_t first, int64_t count, const typename T::Sum* sums) const {
    X* output = output_ + row * channels_ + first;
    for (int64_t i = 0; i < count; ++i) output[i] = static_cast<X>(requantize_(T::accumulator(sums[i]), first + i));
  }

 private:
  std::vector<int64_t> bias_;
  X* output_ = nullptr;
  int64_t channels_ = 0;
  ChannelRequantizer requantize_;
};

// Hybrid: float activations, int8 or int4 weights. Float rows are quantized to 8 bits, each with a scale of its own;
// codes are less their zero point. Which rows and which coding differs between LiteRT's kernels:
//   litert (XNNPACK):  asymmetric; a row is a row of FULLY_CONNECTED, a pixel of a 1x1 CONV_2D, else an image
//   reference:         a row of FULLY_CONNECTED, symmetric unless its attribute says otherwise; an image of a
//                      convolution, symmetric with one scale for all weights, else asymmetric
using gemm::RowCoding;

struct QuantizedRows {
  std::vector<int16_t> codes;
  std::vector<float> scales;
};
QuantizedRows quantize_rows(const float* values, int64_t rows, int64_t columns, RowCoding coding);

// sum * row scale * weight scale + bias. There is a row scale per batch, or with `scale_per_row` per output row.
class HybridFinish {
 public:
  static Status make(std::string_view op, const EvaluateContext& context, FusedActivation activation, int64_t channels,
                     std::vector<float> row_scales, bool scale_per_row, HybridFinish& finish);
  void start(int64_t, int64_t count, uint32_t* sums) const {
    for (int64_t i = 0; i < count; ++i) sums[i] = 0;
  }
  void store(int64_t row, int64_t batch, int64_t first, int64_t count, const uint32_t* sums) const {
    float* output = output_ + row * channels_ + first;
    const float row_scale = row_scales_[static_cast<size_t>(scale_per_row_ ? row : batch)];
    for (int64_t i = 0; i < count; ++i) {
      const auto channel = static_cast<size_t>(first + i);
      const float scale = row_scale * weight_scales_[weight_scales_.size() > 1 ? channel : 0];
      const float value = static_cast<float>(static_cast<int32_t>(sums[i])) * scale + bias_[channel];
      output[i] = value < range_.min ? range_.min : value > range_.max ? range_.max : value;
    }
  }

 private:
  std::vector<float> bias_;
  std::vector<float> weight_scales_;
  std::vector<float> row_scales_;
  bool scale_per_row_ = false;
  float* output_ = nullptr;
  int64_t channels_ = 0;
  FloatRange range_{};
};

}  // namespace burin
