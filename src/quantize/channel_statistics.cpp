#include "quantize/channel_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/counted_rows.hpp"

namespace burin {

namespace {

constexpr size_t kBlockRows = 32;

}  // namespace

void ChannelStatistics::reset(size_t channels) {
  sum.assign(channels, 0.0);
  activated_sum.assign(channels, 0.0);
  max.assign(channels, -std::numeric_limits<float>::infinity());
  count = 0;
}

void ChannelStatistics::add(std::span<const float> values, FloatRange activation, size_t sample) {
  const size_t channels = sum.size();
  if (channels == 0) return;
  const size_t rows = values.size() / channels;
  const auto [first, stride] = counted_rows(rows, kCountedRows, sample);
  std::vector<float> partial(2 * channels);
  float* const plain = partial.data();
  float* const activated = plain + channels;
  float* const largest = max.data();
  for (size_t row = first; row < rows;) {
    std::ranges::fill(partial, 0.0f);
    for (size_t i = 0; i < kBlockRows && row < rows; ++i, row += stride) {
      const float* const x = values.data() + row * channels;
      for (size_t c = 0; c < channels; ++c) {
        const float value = x[c];
        const float raised = value < activation.min ? activation.min : value;
        plain[c] += value;
        activated[c] += raised > activation.max ? activation.max : raised;
        largest[c] = value > largest[c] ? value : largest[c];
      }
      count += 1;
    }
    for (size_t c = 0; c < channels; ++c) {
      sum[c] += static_cast<double>(plain[c]);
      activated_sum[c] += static_cast<double>(activated[c]);
    }
  }
}

void ChannelStatistics::add(const ChannelStatistics& other) {
  for (size_t c = 0; c < sum.size(); ++c) {
    sum[c] += other.sum[c];
    activated_sum[c] += other.activated_sum[c];
    max[c] = std::max(max[c], other.max[c]);
  }
  count += other.count;
}

bool ChannelStatistics::is_finite() const {
  return std::ranges::all_of(sum, [](double value) { return std::isfinite(value); });
}

}  // namespace burin
