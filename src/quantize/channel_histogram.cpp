#include "quantize/channel_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace burin {

namespace {

constexpr size_t kCountedRows = 1024;

}  // namespace

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

void ChannelHistogram::add(std::span<const float> values, size_t phase) {
  const size_t channels = low_.size();
  if (channels == 0) return;
  const size_t rows = values.size() / channels;
  // Odd, so that no picture's width is a multiple of it.
  const size_t stride = rows / kCountedRows < 2 ? 1 : rows / kCountedRows | 1;
  constexpr auto kLast = static_cast<float>(kBins - 1);
  std::vector<int32_t> bins(channels);
  for (size_t row = phase % stride; row < rows; row += stride) {
    const float* const x = values.data() + row * channels;
    for (size_t c = 0; c < channels; ++c) {
      const float place = (x[c] - low_[c]) * bins_per_unit_[c];
      const float raised = place > 0.0f ? place : 0.0f;
      bins[c] = static_cast<int32_t>(raised < kLast ? raised : kLast);
    }
    for (size_t c = 0; c < channels; ++c) ++counts_[c * kBins + static_cast<size_t>(bins[c])];
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
