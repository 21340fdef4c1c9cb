// How pictures become model inputs: the value of a pixel and the way of resizing.
//
// Modes (as keras.applications.imagenet_utils.preprocess_input; x is a pixel 0..255, channels in RGB order):
//   none   x
//   tf     x / 127.5 - 1
//   torch  (x / 255 - mean) / std      mean 0.485, 0.456, 0.406; std 0.229, 0.224, 0.225
//   caffe  x - mean, channels in BGR order      mean (B, G, R) 103.939, 116.779, 123.68
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "formats/tflite/write_tflite.hpp"
#include "graph/model.hpp"

namespace burin {

enum class Preprocess : uint8_t { kAuto, kNone, kTf, kTorch, kCaffe };

std::string_view name(Preprocess preprocess);
std::optional<Preprocess> parse_preprocess(std::string_view text);

// The sentence of a written file's metadata that records the choice: "Pictures: preprocess tf, resize pillow-bilinear".
std::string preprocess_record(Preprocess preprocess, std::string_view resize);

// What the model itself says about its pictures; nothing when it says nothing: the record of a file that Burin wrote;
// a Rescaling or Normalization before the first layer with weights, or an integer input of scale 1, mean pixels as
// they are; else the mode of a keras.applications name.
std::optional<Preprocess> preprocess_of(const Model& model);

// `asked` unless it is kAuto. Throws Error that asks for --preprocess where the model says nothing.
Preprocess resolve_preprocess(Preprocess asked, const Model& model);

// In place: `values` are pixels 0..255, `channels` per pixel (1 or 3).
void apply_preprocess(Preprocess preprocess, std::span<float> values, int channels);

// For the metadata of written files; nothing where (x - mean) / std cannot say it.
std::optional<TfliteMetadata::Normalization> normalization_of(Preprocess preprocess, int channels);

// The range of input values that a Rescaling at the model's start implies (0..255 for pixels), else -1..1.
struct ValueRange {
  float low = -1.0f;
  float high = 1.0f;
};
ValueRange input_range(const Model& model);

}  // namespace burin
