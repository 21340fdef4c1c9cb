#include "quantize/channel_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace burin {

namespace {

constexpr size_t kBlockRows = 32;

}  // namespace

void ChannelStatistics::reset(size_t channels) {
  sum.assign(channels, 0.0);
  activated_sum.assign(channels, 0.0);
  min.assign(channels, std::numeric_limits<float>::infinity());
  max.assign(channels, -std::numeric_limits<float>::infinity());
}

void ChannelStatistics::add_sums(std::span<const float> values, FloatRange activation) {
  const size_t channels = sum.size();
  if (channels == 0) return;
  const size_t rows = values.size() / channels;
  const float low = activation.min;
  const float high = activation.max;
  const auto clamp = [=](float value) {
    const float raised = value < low ? low : value;
    return raised > high ? high : raised;
  };
  std::vector<float> partial(2 * channels);
  float* const plain = partial.data();
  float* const activated = plain + channels;
  for (size_t row = 0; row < rows; row += kBlockRows) {
    std::ranges::fill(partial, 0.0f);
    const size_t end = std::min(rows, row + kBlockRows);
    size_t r = row;
    for (; r + 4 <= end; r += 4) {
      const float* const x = values.data() + r * channels;
      for (size_t c = 0; c < channels; ++c) {
        const float a = x[c], b = x[channels + c], d = x[2 * channels + c], e = x[3 * channels + c];
        plain[c] += (a + b) + (d + e);
        activated[c] += (clamp(a) + clamp(b)) + (clamp(d) + clamp(e));
      }
    }
    for (; r < end; ++r) {
      const float* const x = values.data() + r * channels;
      for (size_t c = 0; c < channels; ++c) {
        plain[c] += x[c];
        activated[c] += clamp(x[c]);
      }
    }
    for (size_t c = 0; c < channels; ++c) {
      sum[c] += static_cast<double>(plain[c]);
      activated_sum[c] += static_cast<double>(activated[c]);
    }
  }
}

void ChannelStatistics::add(std::span<const float> values, FloatRange activation) {
  add_sums(values, activation);
  const size_t channels = sum.size();
  for (size_t i = 0; channels > 0 && i + channels <= values.size(); i += channels) {
    const float* const x = values.data() + i;
    for (size_t c = 0; c < channels; ++c) {
      min[c] = x[c] < min[c] ? x[c] : min[c];
      max[c] = x[c] > max[c] ? x[c] : max[c];
    }
  }
}

void ChannelStatistics::add(const ChannelStatistics& other) {
  for (size_t c = 0; c < sum.size(); ++c) {
    sum[c] += other.sum[c];
    activated_sum[c] += other.activated_sum[c];
    min[c] = std::min(min[c], other.min[c]);
    max[c] = std::max(max[c], other.max[c]);
  }
}

bool ChannelStatistics::is_finite() const {
  return std::ranges::all_of(sum, [](double value) { return std::isfinite(value); });
}

}  // namespace burin
