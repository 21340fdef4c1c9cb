// Symmetric int8 weights: codes -127..127, zero point 0, one scale or one per output channel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "burin/tensor_types.hpp"

namespace burin {

// Largest magnitude of each channel along `axis`; of all values where axis is -1.
std::vector<float> channel_magnitudes(std::span<const float> values, const Shape& shape, int axis);
// scale = magnitude / 127, but at least floors[channel] (empty: none) and never zero: a channel of zeros gets the
// floor, else a scale that is negligible beside the largest.
Quantization symmetric_quantization(std::span<const float> magnitudes, int axis, std::span<const float> floors = {});
// Nearest codes, ties away from zero, as TFLite's converter.
std::vector<int8_t> quantize_symmetric(std::span<const float> values, const Shape& shape,
                                       const Quantization& quantization);
std::vector<float> dequantize_symmetric(std::span<const int8_t> codes, const Shape& shape,
                                        const Quantization& quantization);

// Scales of an int32 bias: input scale times weight scale, along axis 0 where the weights have one per channel.
Quantization bias_quantization(float input_scale, const Quantization& weights);
// Codes stay within +-2^30, so that an accumulator has room for the products.
std::vector<int32_t> quantize_bias(std::span<const float> values, const Quantization& quantization);

}  // namespace burin
