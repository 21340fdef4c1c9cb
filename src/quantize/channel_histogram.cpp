#include "quantize/channel_histogram.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace burin {

ChannelHistogram::ChannelHistogram(FloatRange activation, std::span<const float> max)
    : activation_(activation), low_(max.size()), bins_per_unit_(max.size()), counts_(max.size() * kStride) {
  for (size_t c = 0; c < max.size(); ++c) {
    const bool bounded = std::isfinite(activation.max);
    const float width = bounded ? activation.max - activation.min : std::max(max[c] - activation.min, 1e-20f);
    // Half the interval on either side: a shift beyond it is no rounding error.
    low_[c] = activation.min - width / 2;
    bins_per_unit_[c] = static_cast<float>(kBins) / (2 * width);
  }
}

void ChannelHistogram::count(size_t first, std::span<const float> values) {
  constexpr auto kLast = static_cast<float>(kBins - 1);
  constexpr size_t kBlock = 64;
  std::array<int32_t, kBlock> bins;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, values.size() - begin);
    const float* const x = values.data() + begin;
    const float* const low = low_.data() + first + begin;
    const float* const bins_per_unit = bins_per_unit_.data() + first + begin;
    for (size_t i = 0; i < size; ++i) {
      const float place = (x[i] - low[i]) * bins_per_unit[i];
      const float raised = place > 0.0f ? place : 0.0f;
      bins[i] = static_cast<int32_t>(raised < kLast ? raised : kLast);
    }
    uint32_t* const counts = counts_.data() + (first + begin) * kStride;
    for (size_t i = 0; i < size; ++i) ++counts[i * kStride + static_cast<size_t>(bins[i])];
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
    const auto in_bin = static_cast<double>(counts_[channel * kStride + bin]);
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
