// Turns the accumulators of a convolution or matrix product into output codes, channel by channel, in either
// arithmetic (requantize.hpp). Shapes: one weight scale, or one per output channel.
// How `reference` rounds depends on the operator, since LiteRT's reference kernels do not agree among themselves.
#pragma once

#include <vector>

#include "ops/operands.hpp"
#include "ops/requantize.hpp"

namespace burin {

enum class ReferenceRounding : uint8_t {
  kOnce,   // FULLY_CONNECTED: the sum times the scale in double, rounded half away from zero
  kTwice,  // CONV_2D, DEPTHWISE_CONV_2D: fixed point, rounded at both of its steps
};

class ChannelRequantizer {
 public:
  // Weights are input 1. int16 activations are rounded as `rounding` says in both arithmetics, as LiteRT does.
  static Status make(std::string_view op, const TensorView& input, const TensorView& weights, const TensorView& output,
                     int64_t channels, FusedActivation activation, Arithmetic arithmetic, ReferenceRounding rounding,
                     ChannelRequantizer& result);

  int32_t operator()(int32_t accumulator, int64_t channel) const {
    const size_t i = per_channel_ ? static_cast<size_t>(channel) : 0;
    switch (form_) {
      case Form::kFloat:
        return requantize_litert(accumulator, scales_[i], zero_point_, range_.min, range_.max);
      case Form::kDouble:
        return requantize_once(accumulator, real_scales_[i], zero_point_, range_);
      case Form::kHalfUp:
        return clamp(multiply_half_up(accumulator, multipliers_[i]) + int64_t{zero_point_});
      case Form::kFixedPoint:
        break;
    }
    return clamp(multiply_by_quantized_multiplier(accumulator, multipliers_[i]) + int64_t{zero_point_});
  }
  int32_t operator()(int64_t accumulator, int64_t channel) const {
    const size_t i = per_channel_ ? static_cast<size_t>(channel) : 0;
    if (form_ == Form::kDouble) return requantize_once(accumulator, real_scales_[i], zero_point_, range_);
    return clamp(multiply_by_quantized_multiplier(accumulator, multipliers_[i]) + int64_t{zero_point_});
  }

  // For kernels that requantize whole vectors with requantize_litert.
  bool multiplies_floats() const { return form_ == Form::kFloat; }
  // The same for multiply_half_up.
  bool rounds_half_up() const { return form_ == Form::kHalfUp; }
  FixedPointMultiplier multiplier(int64_t channel) const {
    return multipliers_[per_channel_ ? static_cast<size_t>(channel) : 0];
  }
  float scale(int64_t channel) const { return scales_[per_channel_ ? static_cast<size_t>(channel) : 0]; }
  int32_t zero_point() const { return zero_point_; }
  CodeRange range() const { return range_; }

 private:
  int32_t clamp(int64_t code) const {
    return static_cast<int32_t>(code < range_.min ? range_.min : code > range_.max ? range_.max : code);
  }

  enum class Form : uint8_t { kFloat, kDouble, kFixedPoint, kHalfUp };
  static Form litert_form(const TensorView& input, const TensorView& weights, bool convolution);

  Form form_ = Form::kFloat;
  bool per_channel_ = false;
  std::vector<float> scales_;
  std::vector<double> real_scales_;
  std::vector<FixedPointMultiplier> multipliers_;
  int32_t zero_point_ = 0;
  CodeRange range_{};
};

// Scales of quantized weights: one, or `channels`. Zero points must be 0 except for uint8 (one for the tensor).
Status read_weight_scales(std::string_view op, const TensorView& weights, int64_t channels, std::vector<float>& scales,
                          int32_t& zero_point);

}  // namespace burin
