#include "quantize/weights.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ops/requantize.hpp"

namespace burin {

namespace {

// visit(channel, begin, end) for every run of elements that share a channel, in order; one channel where axis is -1.
template <typename Visit>
void for_each_run(const Shape& shape, int axis, size_t elements, Visit visit) {
  size_t channels = 1;
  size_t inner = elements;
  if (axis >= 0) {
    channels = static_cast<size_t>(shape[axis]);
    inner = 1;
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= static_cast<size_t>(shape[i]);
  }
  if (inner == 0) return;
  for (size_t begin = 0, channel = 0; begin < elements; begin += inner, channel = (channel + 1) % channels) {
    visit(channel, begin, begin + inner);
  }
}

}  // namespace

std::vector<float> channel_magnitudes(std::span<const float> values, const Shape& shape, int axis) {
  std::vector<float> magnitudes(axis < 0 ? 1 : static_cast<size_t>(shape[axis]), 0.0f);
  for_each_run(shape, axis, values.size(), [&](size_t channel, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) magnitudes[channel] = std::max(magnitudes[channel], std::abs(values[i]));
  });
  return magnitudes;
}

int32_t largest_weight_code(ElementType type) { return type == ElementType::kInt4 ? 7 : 127; }

Quantization symmetric_quantization(std::span<const float> magnitudes, int axis, std::span<const float> floors,
                                    ElementType type) {
  const auto codes = static_cast<float>(largest_weight_code(type));
  float largest = 0.0f;
  for (const float magnitude : magnitudes) largest = std::max(largest, magnitude);
  const float least = std::max(largest / codes * 0x1p-20f, std::numeric_limits<float>::min());
  Quantization quantization{.scales = {}, .zero_points = std::vector<int32_t>(magnitudes.size(), 0), .axis = axis};
  for (size_t c = 0; c < magnitudes.size(); ++c) {
    float scale = magnitudes[c] / codes;
    scale = std::max(scale, floors.empty() ? least : floors[c]);
    quantization.scales.push_back(largest == 0.0f && floors.empty() ? 1.0f : scale);
  }
  return quantization;
}

std::vector<int8_t> quantize_symmetric(std::span<const float> values, const Shape& shape,
                                       const Quantization& quantization, ElementType type) {
  std::vector<int8_t> codes(values.size());
  const auto largest = static_cast<float>(largest_weight_code(type));
  for_each_run(shape, quantization.axis, values.size(), [&](size_t channel, size_t begin, size_t end) {
    const float scale = quantization.scales[channel];
    for (size_t i = begin; i < end; ++i) {
      codes[i] = static_cast<int8_t>(std::clamp(std::round(values[i] / scale), -largest, largest));
    }
  });
  return codes;
}

std::vector<uint8_t> pack_int4(std::span<const int8_t> codes) {
  std::vector<uint8_t> bytes((codes.size() + 1) / 2);
  for (size_t i = 0; i < codes.size(); ++i) {
    bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] | (codes[i] & 15) << (i % 2 * 4));
  }
  return bytes;
}

std::vector<float> dequantize_symmetric(std::span<const int8_t> codes, const Shape& shape,
                                        const Quantization& quantization) {
  std::vector<float> values(codes.size());
  for_each_run(shape, quantization.axis, codes.size(), [&](size_t channel, size_t begin, size_t end) {
    const float scale = quantization.scales[channel];
    for (size_t i = begin; i < end; ++i) values[i] = static_cast<float>(codes[i]) * scale;
  });
  return values;
}

Quantization bias_quantization(float input_scale, const Quantization& weights) {
  Quantization bias{.scales = weights.scales, .zero_points = weights.zero_points, .axis = weights.axis < 0 ? -1 : 0};
  for (float& scale : bias.scales) scale *= input_scale;
  return bias;
}

std::vector<int32_t> quantize_bias(std::span<const float> values, const Quantization& quantization) {
  std::vector<int32_t> codes(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const float scale = quantization.scales[quantization.scales.size() == 1 ? 0 : i];
    const double code = std::round(double{values[i]} / scale);
    codes[i] = static_cast<int32_t>(std::clamp(code, -0x1p30, 0x1p30));
  }
  return codes;
}

std::vector<uint16_t> depthwise_kernel_to_half(std::span<const float> values, size_t channels) {
  constexpr double kLimit = kLargestHalf;
  std::vector<uint16_t> halves(values.size());
  std::vector<size_t> taps(values.size() / channels);
  for (size_t channel = 0; channel < channels; ++channel) {
    for (size_t i = 0; i < taps.size(); ++i) taps[i] = i * channels + channel;
    std::ranges::stable_sort(taps, std::greater(), [&](size_t tap) { return std::abs(values[tap]); });
    double error = 0.0;
    for (const size_t tap : taps) {
      const double wanted = std::clamp(double{values[tap]} + error, -kLimit, kLimit);
      halves[tap] = float_to_half(static_cast<float>(wanted));
      error = wanted - double{half_to_float(halves[tap])};
    }
  }
  return halves;
}

}  // namespace burin
