#include "quantize/channel_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace burin {

ChannelHistogram::ChannelHistogram(FloatRange activation, std::span<const float> max)
    : activation_(activation), low_(max.size()), bins_per_unit_(max.size()), counts_(max.size() * kBins) {
  for (size_t c = 0; c < max.size(); ++c) {
    const bool bounded = std::isfinite(activation.max);
    const float width = bounded ? activation.max - activation.min : std::max(max[c] - activation.min, 1e-20f);
    // Half the interval on either side: a shift beyond it is no rounding error.
    low_[c] = activation.min - width / 2;
    bins_per_unit_[c] = static_cast<float>(kBins) / (2 * width);
  }
}

void ChannelHistogram::add(std::span<const float> values) {
  const size_t channels = low_.size();
  constexpr auto kLast = static_cast<float>(kBins - 1);
  for (size_t i = 0; i + channels <= values.size(); i += channels) {
    for (size_t c = 0; c < channels; ++c) {
      const float place = (values[i + c] - low_[c]) * bins_per_unit_[c];
      const float bin = place > 0.0f ? (place < kLast ? place : kLast) : 0.0f;
      ++counts_[c * kBins + static_cast<size_t>(static_cast<int32_t>(bin))];
    }
  }
}

void ChannelHistogram::add(const ChannelHistogram& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

template <typename What>
double ChannelHistogram::mean(size_t channel, What what) const {
  const double low = low_[channel];
  const double width = 1.0 / bins_per_unit_[channel];
  double sum = 0.0;
  double count = 0.0;
  for (size_t bin = 0; bin < kBins; ++bin) {
    const auto in_bin = static_cast<double>(counts_[channel * kBins + bin]);
    sum += in_bin * what(low + (static_cast<double>(bin) + 0.5) * width);
    count += in_bin;
  }
  return count > 0.0 ? sum / count : 0.0;
}

double ChannelHistogram::activated_shift(size_t channel, double shift) const {
  const double min = activation_.min, max = activation_.max;
  return mean(channel, [=](double value) { return std::clamp(value + shift, min, max) - std::clamp(value, min, max); });
}

double ChannelHistogram::linear_share(size_t channel, double shift) const {
  const double min = activation_.min, max = activation_.max;
  return mean(channel, [=](double value) { return value + shift > min && value + shift < max ? 1.0 : 0.0; });
}

}  // namespace burin
