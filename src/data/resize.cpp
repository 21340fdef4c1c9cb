#include "data/resize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace burin {
namespace {

constexpr std::array<std::string_view, 3> kResizeNames{"pillow-bilinear", "tf-bilinear", "crop"};

constexpr int kPrecisionBits = 22;

// For each output position: which inputs, and how much of each.
struct Weights {
  int taps = 0;              // room per output
  std::vector<int> first;    // by output
  std::vector<int> count;    // by output
  std::vector<int> weights;  // output x taps, fixed point
};

// As precompute_coeffs and normalize_coeffs_8bpc of Pillow, in double and in the same order.
Weights triangle_weights(int in_size, int out_size) {
  Weights result;
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = 1.0 * filter_scale;
  result.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
  result.first.resize(static_cast<size_t>(out_size));
  result.count.resize(static_cast<size_t>(out_size));
  result.weights.resize(static_cast<size_t>(out_size) * static_cast<size_t>(result.taps));
  const double inverse_scale = 1.0 / filter_scale;
  std::vector<double> row(static_cast<size_t>(result.taps));
  for (int out = 0; out < out_size; ++out) {
    const double center = 0.0 + (out + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in_size) - first;
    double sum = 0.0;
    for (int x = 0; x < count; ++x) {
      const double distance = std::abs((x + first - center + 0.5) * inverse_scale);
      const double weight = distance < 1.0 ? 1.0 - distance : 0.0;
      row[static_cast<size_t>(x)] = weight;
      sum += weight;
    }
    int* weights = result.weights.data() + static_cast<size_t>(out) * static_cast<size_t>(result.taps);
    for (int x = 0; x < count; ++x) {
      const double weight = sum != 0.0 ? row[static_cast<size_t>(x)] / sum : row[static_cast<size_t>(x)];
      weights[x] = static_cast<int>(0.5 + weight * (1 << kPrecisionBits));
    }
    result.first[static_cast<size_t>(out)] = first;
    result.count[static_cast<size_t>(out)] = count;
  }
  return result;
}

uint8_t to_pixel(int sum) { return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

constexpr int kHalf = 1 << (kPrecisionBits - 1);

Image resize_width(const Image& image, int width) {
  const Weights weights = triangle_weights(image.width, width);
  Image out{width, image.height, std::vector<uint8_t>(static_cast<size_t>(width) * image.height * 3)};
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* in_row = image.rgb.data() + static_cast<size_t>(y) * image.width * 3;
    uint8_t* out_row = out.rgb.data() + static_cast<size_t>(y) * width * 3;
    for (int x = 0; x < width; ++x) {
      const int* w = weights.weights.data() + static_cast<size_t>(x) * weights.taps;
      const uint8_t* in = in_row + static_cast<size_t>(weights.first[x]) * 3;
      int r = kHalf, g = kHalf, b = kHalf;
      for (int k = 0; k < weights.count[x]; ++k) {
        r += in[k * 3] * w[k];
        g += in[k * 3 + 1] * w[k];
        b += in[k * 3 + 2] * w[k];
      }
      out_row[x * 3] = to_pixel(r);
      out_row[x * 3 + 1] = to_pixel(g);
      out_row[x * 3 + 2] = to_pixel(b);
    }
  }
  return out;
}

Image resize_height(const Image& image, int height) {
  const Weights weights = triangle_weights(image.height, height);
  const size_t stride = static_cast<size_t>(image.width) * 3;
  Image out{image.width, height, std::vector<uint8_t>(stride * height)};
  std::vector<int> sums(stride);
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int k = 0; k < weights.count[y]; ++k) {
      const int w = weights.weights[static_cast<size_t>(y) * weights.taps + k];
      const uint8_t* in = image.rgb.data() + static_cast<size_t>(weights.first[y] + k) * stride;
      for (size_t x = 0; x < stride; ++x) sums[x] += in[x] * w;
    }
    uint8_t* out_row = out.rgb.data() + static_cast<size_t>(y) * stride;
    for (size_t x = 0; x < stride; ++x) out_row[x] = to_pixel(sums[x]);
  }
  return out;
}

// One axis of a bilinear lookup with half-pixel centers.
struct Lookup {
  std::vector<int> lower, upper;
  std::vector<float> fraction;
};

Lookup half_pixel_lookup(int in_size, int out_size) {
  Lookup lookup;
  const float scale = static_cast<float>(in_size) / static_cast<float>(out_size);
  for (int out = 0; out < out_size; ++out) {
    const float in = (static_cast<float>(out) + 0.5f) * scale - 0.5f;
    const float floor = std::floor(in);
    lookup.lower.push_back(std::max(static_cast<int>(floor), 0));
    lookup.upper.push_back(std::min(static_cast<int>(std::ceil(in)), in_size - 1));
    lookup.fraction.push_back(in - floor);
  }
  return lookup;
}

}  // namespace

std::string_view name(Resize resize) { return kResizeNames[static_cast<size_t>(resize)]; }

std::optional<Resize> parse_resize(std::string_view text) {
  const auto found = std::find(kResizeNames.begin(), kResizeNames.end(), text);
  if (found == kResizeNames.end()) return std::nullopt;
  return static_cast<Resize>(found - kResizeNames.begin());
}

Image resize_pillow_bilinear(const Image& image, int width, int height) {
  // A pass that changes nothing is left out, as in Pillow.
  if (image.width == width && image.height == height) return image;
  if (image.height == height) return resize_width(image, width);
  if (image.width == width) return resize_height(image, height);
  // Each pass rounds, so that their order shows. Pillow 13.0 begins with the height where that loses more than twice
  // what the width loses.
  const bool height_first = image.height - height > 2 * std::max(0, image.width - width);
  return height_first ? resize_width(resize_height(image, height), width)
                      : resize_height(resize_width(image, width), height);
}

void resize_tf_bilinear(const Image& image, int width, int height, std::span<float> out) {
  const Lookup xs = half_pixel_lookup(image.width, width);
  const Lookup ys = half_pixel_lookup(image.height, height);
  const size_t stride = static_cast<size_t>(image.width) * 3;
  size_t i = 0;
  for (int y = 0; y < height; ++y) {
    const uint8_t* top_row = image.rgb.data() + static_cast<size_t>(ys.lower[y]) * stride;
    const uint8_t* bottom_row = image.rgb.data() + static_cast<size_t>(ys.upper[y]) * stride;
    for (int x = 0; x < width; ++x) {
      const size_t left = static_cast<size_t>(xs.lower[x]) * 3;
      const size_t right = static_cast<size_t>(xs.upper[x]) * 3;
      for (size_t c = 0; c < 3; ++c, ++i) {
        const auto top_left = static_cast<float>(top_row[left + c]);
        const auto top_right = static_cast<float>(top_row[right + c]);
        const auto bottom_left = static_cast<float>(bottom_row[left + c]);
        const auto bottom_right = static_cast<float>(bottom_row[right + c]);
        const float top = top_left + (top_right - top_left) * xs.fraction[x];
        const float bottom = bottom_left + (bottom_right - bottom_left) * xs.fraction[x];
        out[i] = top + (bottom - top) * ys.fraction[y];
      }
    }
  }
}

Image crop_to_aspect_ratio(const Image& image, int width, int height) {
  // keras.utils.image_utils.smart_resize: sizes and offsets are truncated.
  const auto w = static_cast<double>(image.width);
  const auto h = static_cast<double>(image.height);
  const int crop_height = std::max(1, std::min(image.height, static_cast<int>(w * height / width)));
  const int crop_width = std::max(1, std::min(image.width, static_cast<int>(h * width / height)));
  const int top = (image.height - crop_height) / 2;
  const int left = (image.width - crop_width) / 2;
  const size_t row_bytes = static_cast<size_t>(crop_width) * 3;
  Image out{crop_width, crop_height, std::vector<uint8_t>(row_bytes * crop_height)};
  for (int y = 0; y < crop_height; ++y) {
    std::memcpy(out.rgb.data() + static_cast<size_t>(y) * row_bytes,
                image.rgb.data() + (static_cast<size_t>(top + y) * image.width + left) * 3, row_bytes);
  }
  return out;
}

void resize(Resize method, const Image& image, int width, int height, std::span<float> out) {
  switch (method) {
    case Resize::kPillowBilinear: {
      const Image resized = resize_pillow_bilinear(image, width, height);
      std::copy(resized.rgb.begin(), resized.rgb.end(), out.begin());
      return;
    }
    case Resize::kTfBilinear:
      return resize_tf_bilinear(image, width, height, out);
    case Resize::kCrop:
      return resize_tf_bilinear(crop_to_aspect_ratio(image, width, height), width, height, out);
  }
}

}  // namespace burin
