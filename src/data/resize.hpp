// Resizing pictures to a model's input.
//
//   pillow-bilinear  Pillow's resize(size, BILINEAR) on uint8 RGB, bit for bit: triangle filter, widened when it
//                    shrinks; coefficients in fixed point with 22 fraction bits, each pass rounded to uint8;
//                    horizontal pass, then vertical, the other way round for pictures that lose much more height
//                    than width (as Pillow 13.0 does; older versions differ there by one step in places)
//   tf-bilinear      tf.image.resize(bilinear, antialias=False) as Keras's image loaders use it: half-pixel centers,
//                    float results that are not rounded
//   crop             the largest centered part of the target's aspect ratio, then as tf-bilinear
//                    (keras.utils: crop_to_aspect_ratio=True)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "data/image.hpp"

namespace burin {

enum class Resize : uint8_t { kPillowBilinear, kTfBilinear, kCrop };

std::string_view name(Resize resize);
std::optional<Resize> parse_resize(std::string_view text);

Image resize_pillow_bilinear(const Image& image, int width, int height);

// `out` is height x width x 3.
void resize_tf_bilinear(const Image& image, int width, int height, std::span<float> out);
Image crop_to_aspect_ratio(const Image& image, int width, int height);

// Any of them; `out` is height x width x 3.
void resize(Resize method, const Image& image, int width, int height, std::span<float> out);

}  // namespace burin
