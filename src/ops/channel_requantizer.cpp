#include "ops/channel_requantizer.hpp"

#include <cmath>

namespace burin {

Status read_weight_scales(std::string_view op, const TensorView& weights, int64_t channels, std::vector<float>& scales,
                          int32_t& zero_point) {
  const std::string place = std::string(op) + ": weights ";
  const Quantization* quantization = weights.quantization;
  if (quantization == nullptr || quantization->scales.empty()) return misfit(place + "without quantization parameters");
  const auto count = static_cast<int64_t>(quantization->scales.size());
  if (count != 1 && count != channels) {
    return misfit(place + "have " + std::to_string(count) + " scales for " + std::to_string(channels) + " channels");
  }
  scales = quantization->scales;
  for (float scale : scales) {
    if (!(scale >= 0.0f) || !std::isfinite(scale)) return misfit(place + "have a scale that is not a positive number");
  }
  zero_point = 0;
  for (int32_t value : quantization->zero_points) {
    if (weights.type == ElementType::kUInt8 && quantization->zero_points.size() == 1 && value >= 0 && value <= 255) {
      zero_point = value;
    } else if (value != 0) {
      return misfit(place + "have zero point " + std::to_string(value) + " where 0 is needed");
    }
  }
  return {};
}

// LiteRT leaves convolutions with int4 weights, and such a FULLY_CONNECTED with an odd depth, to its plain kernels;
// those of groups and of depthwise multipliers are the reference kernels.
ChannelRequantizer::Form ChannelRequantizer::litert_form(const TensorView& input, const TensorView& weights,
                                                         bool convolution) {
  if (weights.type != ElementType::kInt4) return Form::kFloat;
  if (!convolution) return weights.shape.back() % 2 == 0 ? Form::kFloat : Form::kHalfUp;
  return weights.shape.back() == input.shape.back() ? Form::kHalfUp : Form::kFixedPoint;
}

Status ChannelRequantizer::make(std::string_view op, const TensorView& input, const TensorView& weights,
                                const TensorView& output, int64_t channels, FusedActivation activation,
                                Arithmetic arithmetic, ReferenceRounding rounding, ChannelRequantizer& result) {
  AffineParameters in, out;
  if (Status status = read_affine(op, "input", input, in); !status.is_ok()) return status;
  if (Status status = read_affine(op, "output", output, out); !status.is_ok()) return status;
  int32_t weight_zero_point;
  if (Status status = read_weight_scales(op, weights, channels, result.scales_, weight_zero_point); !status.is_ok()) {
    return status;
  }
  result.per_channel_ = result.scales_.size() > 1;
  const bool exact = arithmetic == Arithmetic::kReference || input.type == ElementType::kInt16;
  const bool twice = rounding == ReferenceRounding::kTwice;
  result.form_ = exact ? (twice ? Form::kFixedPoint : Form::kDouble) : litert_form(input, weights, twice);
  // TFLite's convolutions of uint8 multiply the scales in float before they divide in double.
  const bool float_product = input.type == ElementType::kUInt8 && twice;
  result.multipliers_.clear();
  result.real_scales_.clear();
  for (float& scale : result.scales_) {
    const double product = float_product ? static_cast<double>(in.scale * scale)
                                         : static_cast<double>(in.scale) * static_cast<double>(scale);
    const double real_scale = product / static_cast<double>(out.scale);
    if (result.form_ == Form::kDouble) result.real_scales_.push_back(real_scale);
    if (result.form_ == Form::kFixedPoint || result.form_ == Form::kHalfUp) {
      result.multipliers_.push_back(quantize_multiplier(real_scale));
    }
    scale = requantization_scale(in.scale, scale, out.scale);
  }
  result.zero_point_ = out.zero_point;
  result.range_ = activation_code_range(activation, output.type, out.scale, out.zero_point);
  return {};
}

}  // namespace burin
