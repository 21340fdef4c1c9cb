#include "quantize/tap_moments.hpp"

#include <algorithm>

#include "quantize/counted_rows.hpp"

namespace burin {

namespace {

// A product of two codes less their zero point is at most 255^2: a float holds the sum of a block exactly.
constexpr size_t kBlock = 8;
constexpr size_t kCountedPositions = 64;
constexpr double kDamping = 0.01;

}  // namespace

TapMoments::TapMoments(WindowAxis height, WindowAxis width, size_t channels)
    : height_(height),
      width_(width),
      channels_(channels),
      taps_(static_cast<size_t>(height.kernel) * static_cast<size_t>(width.kernel)),
      sums_(taps_ * (taps_ + 1) / 2 * channels),
      read_(kBlock * taps_ * channels) {}

void TapMoments::add(std::span<const int8_t> codes, int32_t zero_point, size_t sample) {
  const size_t image = static_cast<size_t>(height_.input) * static_cast<size_t>(width_.input) * channels_;
  if (image == 0) return;
  const auto positions_of_image = static_cast<size_t>(height_.output) * static_cast<size_t>(width_.output);
  const size_t positions = codes.size() / image * positions_of_image;
  const auto [first, stride] = counted_rows(positions, kCountedPositions, sample);
  const auto columns = static_cast<size_t>(width_.output);
  for (size_t position = first; position < positions;) {
    size_t count = 0;
    for (; count < kBlock && position < positions; ++count, position += stride) {
      const size_t place = position % positions_of_image;
      read(codes.subspan(position / positions_of_image * image, image), zero_point,
           static_cast<int32_t>(place / columns), static_cast<int32_t>(place % columns),
           read_.data() + count * taps_ * channels_);
    }
    std::fill(read_.begin() + static_cast<ptrdiff_t>(count * taps_ * channels_), read_.end(), 0.0f);
    add_block();
    positions_ += static_cast<double>(count);
  }
}

// What the taps read at one position of the output, less the zero point.
void TapMoments::read(std::span<const int8_t> codes, int32_t zero_point, int32_t row, int32_t column, float* to) const {
  for (int32_t ky = 0; ky < height_.kernel; ++ky) {
    const int64_t y = height_.start(row) + int64_t{ky} * height_.dilation;
    for (int32_t kx = 0; kx < width_.kernel; ++kx, to += channels_) {
      const int64_t x = width_.start(column) + int64_t{kx} * width_.dilation;
      if (y < 0 || y >= height_.input || x < 0 || x >= width_.input) {
        std::fill_n(to, channels_, 0.0f);
        continue;
      }
      const int8_t* const from = codes.data() + static_cast<size_t>(y * width_.input + x) * channels_;
      for (size_t c = 0; c < channels_; ++c) to[c] = static_cast<float>(from[c] - zero_point);
    }
  }
}

void TapMoments::add_block() {
  const size_t next = taps_ * channels_;
  double* sum = sums_.data();
  for (size_t a = 0; a < taps_; ++a) {
    for (size_t b = a; b < taps_; ++b, sum += channels_) {
      const float* const x = read_.data() + a * channels_;
      const float* const y = read_.data() + b * channels_;
      for (size_t c = 0; c < channels_; ++c) {
        float block = 0.0f;
        for (size_t p = 0; p < kBlock; ++p) block += x[p * next + c] * y[p * next + c];
        sum[c] += static_cast<double>(block);
      }
    }
  }
}

void TapMoments::add(const TapMoments& other) {
  for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  positions_ += other.positions_;
}

std::vector<double> TapMoments::damped(size_t channel) const {
  std::vector<double> moments(taps_ * taps_);
  size_t pair = channel;
  double diagonal = 0.0;
  for (size_t a = 0; a < taps_; ++a) {
    for (size_t b = a; b < taps_; ++b, pair += channels_) {
      moments[a * taps_ + b] = moments[b * taps_ + a] = sums_[pair] / positions_;
    }
    diagonal += moments[a * taps_ + a];
  }
  for (size_t a = 0; a < taps_; ++a) moments[a * taps_ + a] += kDamping * diagonal / static_cast<double>(taps_);
  return moments;
}

}  // namespace burin
