// Symmetric weights: int8 codes -127..127 or int4 codes -7..7, zero point 0, one scale or one per output channel;
// float16 kernels. int4 leaves -8 out: a symmetric scale has no use for it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "burin/tensor_types.hpp"

namespace burin {

// Largest magnitude of each channel along `axis`; of all values where axis is -1.
std::vector<float> channel_magnitudes(std::span<const float> values, const Shape& shape, int axis);
// 127 or 7.
int32_t largest_weight_code(ElementType type);
// scale = magnitude / largest code of `type`, but at least floors[channel] (empty: none) and never zero: a channel of
// zeros gets the floor, else a scale that is negligible beside the largest.
Quantization symmetric_quantization(std::span<const float> magnitudes, int axis, std::span<const float> floors = {},
                                    ElementType type = ElementType::kInt8);
// Nearest codes, ties away from zero, as TFLite's converter.
std::vector<int8_t> quantize_symmetric(std::span<const float> values, const Shape& shape,
                                       const Quantization& quantization, ElementType type = ElementType::kInt8);
// int4 codes as a file holds them: two a byte, the first in the low half.
std::vector<uint8_t> pack_int4(std::span<const int8_t> codes);
std::vector<float> dequantize_symmetric(std::span<const int8_t> codes, const Shape& shape,
                                        const Quantization& quantization);

// Scales of an int32 bias: input scale times weight scale, along axis 0 where the weights have one per channel.
Quantization bias_quantization(float input_scale, const Quantization& weights);
// Codes stay within +-2^30, so that an accumulator has room for the products.
std::vector<int32_t> quantize_bias(std::span<const float> values, const Quantization& quantization);

// IEEE binary16 of a depthwise kernel [1, height, width, channels] with finite values. Neighbouring pixels are alike,
// so that what counts is the error of a channel's sum: from the largest tap to the smallest, each takes on the error of
// those before it, and the sum is off by the rounding of the last.
std::vector<uint16_t> depthwise_kernel_to_half(std::span<const float> values, size_t channels);

}  // namespace burin
