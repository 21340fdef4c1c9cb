#include "quantize/sum_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace burin {

namespace {

// A histogram tells how a mean moves with a shift that is small: it needs less than the mean itself.
constexpr size_t kHistogramRows = 16;

int32_t to_sum(double value, double scale) {
  constexpr double kLow = std::numeric_limits<int32_t>::min();
  constexpr double kHigh = std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(std::clamp(std::nearbyint(value / scale), kLow, kHigh));
}

// The first counted row from `row` on.
int64_t first_counted(const CountedRows& counted, int64_t row) {
  const auto first = static_cast<int64_t>(counted.first), stride = static_cast<int64_t>(counted.stride);
  return row <= first ? first : first + (row - first + stride - 1) / stride * stride;
}

}  // namespace

SumStatistics::SumStatistics(std::vector<float> scales, std::vector<float> bias, FloatRange activation,
                             std::span<const float> max)
    : scales_(std::move(scales)), bias_(std::move(bias)), plain_(bias_.size()), activated_(bias_.size()) {
  for (size_t c = 0; c < bias_.size(); ++c) {
    low_.push_back(to_sum(double{activation.min} - bias_[c], scales_[c]));
    high_.push_back(to_sum(double{activation.max} - bias_[c], scales_[c]));
  }
  if (std::isfinite(activation.min)) histogram_.emplace(activation, max);
}

void SumStatistics::begin_sample(size_t rows, size_t sample) {
  counted_ = counted_rows(rows, kCountedRows, sample);
  in_histogram_ = counted_rows(rows, kHistogramRows, sample);
  count_ += static_cast<int64_t>((rows - std::min(rows, counted_.first) + counted_.stride - 1) / counted_.stride);
}

void SumStatistics::add(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums,
                        int64_t stride) {
  const auto first = static_cast<size_t>(channel), count = static_cast<size_t>(columns);
  int64_t* const plain = plain_.data() + first;
  int64_t* const activated = activated_.data() + first;
  const int32_t* const low = low_.data() + first;
  const int32_t* const high = high_.data() + first;
  for (int64_t r = first_counted(counted_, row); r < row + rows; r += static_cast<int64_t>(counted_.stride)) {
    const int32_t* const x = sums + (r - row) * stride;
    for (size_t c = 0; c < count; ++c) {
      const int32_t raised = x[c] < low[c] ? low[c] : x[c];
      plain[c] += x[c];
      activated[c] += raised > high[c] ? high[c] : raised;
    }
  }
  if (!histogram_) return;
  row_.resize(count);
  for (int64_t r = first_counted(in_histogram_, row); r < row + rows; r += static_cast<int64_t>(in_histogram_.stride)) {
    const int32_t* const x = sums + (r - row) * stride;
    for (size_t c = 0; c < count; ++c) row_[c] = static_cast<float>(x[c]) * scales_[first + c] + bias_[first + c];
    histogram_->count(first, row_);
  }
}

void SumStatistics::add(const SumStatistics& other) {
  for (size_t c = 0; c < plain_.size(); ++c) {
    plain_[c] += other.plain_[c];
    activated_[c] += other.activated_[c];
  }
  if (histogram_) histogram_->add(*other.histogram_);
  count_ += other.count_;
}

std::vector<float> sum_scales(const Quantization& input, const Quantization& weights, size_t channels) {
  std::vector<float> scales(channels);
  for (size_t c = 0; c < channels; ++c) {
    scales[c] = input.scales[0] * weights.scales[weights.scales.size() == 1 ? 0 : c];
  }
  return scales;
}

}  // namespace burin
