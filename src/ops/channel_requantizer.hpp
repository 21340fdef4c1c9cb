// Turns the accumulators of a convolution or matrix product into output codes, channel by channel, in either
// arithmetic (requantize.hpp). Shapes: one weight scale, or one per output channel.
#pragma once

#include <vector>

#include "ops/operands.hpp"
#include "ops/requantize.hpp"

namespace burin {

class ChannelRequantizer {
 public:
  // Weights are input 1. int16 activations use the fixed-point form in both arithmetics, as LiteRT does.
  static Status make(std::string_view op, const TensorView& input, const TensorView& weights, const TensorView& output,
                     int64_t channels, FusedActivation activation, Arithmetic arithmetic, ChannelRequantizer& result);

  int32_t operator()(int32_t accumulator, int64_t channel) const {
    const size_t i = per_channel_ ? static_cast<size_t>(channel) : 0;
    if (fixed_point_)
      return clamp(multiply_by_quantized_multiplier(accumulator, multipliers_[i]) + int64_t{zero_point_});
    return requantize_litert(accumulator, scales_[i], zero_point_, range_.min, range_.max);
  }
  int32_t operator()(int64_t accumulator, int64_t channel) const {
    const size_t i = per_channel_ ? static_cast<size_t>(channel) : 0;
    return clamp(multiply_by_quantized_multiplier(accumulator, multipliers_[i]) + int64_t{zero_point_});
  }

  // For kernels that requantize whole vectors in `litert` arithmetic.
  float scale(int64_t channel) const { return scales_[per_channel_ ? static_cast<size_t>(channel) : 0]; }
  int32_t zero_point() const { return zero_point_; }
  CodeRange range() const { return range_; }

 private:
  int32_t clamp(int64_t code) const {
    return static_cast<int32_t>(code < range_.min ? range_.min : code > range_.max ? range_.max : code);
  }

  bool fixed_point_ = false;
  bool per_channel_ = false;
  std::vector<float> scales_;
  std::vector<FixedPointMultiplier> multipliers_;
  int32_t zero_point_ = 0;
  CodeRange range_{};
};

// Scales of quantized weights: one, or `channels`. Zero points must be 0 except for uint8 (one for the tensor).
Status read_weight_scales(std::string_view op, const TensorView& weights, int64_t channels, std::vector<float>& scales,
                          int32_t& zero_point);

}  // namespace burin
