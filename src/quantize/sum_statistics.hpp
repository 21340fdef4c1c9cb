// What the integer sums of a layer add up to, per channel: before its activation and after it. Of large layers some
// rows are counted (counted_rows.hpp). All that is added is an integer: the order does not matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "burin/tensor_types.hpp"
#include "gemm/int8_product.hpp"
#include "quantize/channel_histogram.hpp"
#include "quantize/counted_rows.hpp"

namespace burin {

class SumStatistics {
 public:
  // sum * scales[channel] + bias[channel] is the value that is activated. `max`: as ChannelHistogram.
  SumStatistics(std::vector<float> scales, std::vector<float> bias, FloatRange activation, std::span<const float> max);

  // Sums of sample `sample` follow, of so many rows.
  void begin_sample(size_t rows, size_t sample);
  // As SumsConsumer::consume.
  void add(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums, int64_t stride);
  void add(const SumStatistics& other);

  double mean(size_t channel) const { return value(channel, plain_[channel]); }
  double activated_mean(size_t channel) const { return value(channel, activated_[channel]); }
  // Null without an activation.
  const ChannelHistogram* histogram() const { return histogram_ ? &*histogram_ : nullptr; }

 private:
  double value(size_t channel, int64_t sum) const {
    return static_cast<double>(sum) / static_cast<double>(count_) * scales_[channel] + bias_[channel];
  }

  std::vector<float> scales_, bias_;
  std::vector<int32_t> low_, high_;  // the activation's interval in sums
  std::vector<int64_t> plain_, activated_;
  std::optional<ChannelHistogram> histogram_;
  CountedRows counted_{}, in_histogram_{};
  std::vector<float> row_;
  int64_t count_ = 0;
};

// Hands the sums of a product to statistics.
class SumsToStatistics final : public gemm::SumsConsumer {
 public:
  explicit SumsToStatistics(SumStatistics& statistics) : statistics_(statistics) {}
  void consume(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums,
               int64_t stride) const override {
    statistics_.add(row, channel, rows, columns, sums, stride);
  }

 private:
  SumStatistics& statistics_;
};

// The scale of every channel's sums.
std::vector<float> sum_scales(const Quantization& input, const Quantization& weights, size_t channels);

}  // namespace burin
