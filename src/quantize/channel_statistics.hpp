// What the values of one tensor [rows, channels] add up to, per channel: before an activation and after it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ops/fused_activation.hpp"

namespace burin {

struct ChannelStatistics {
  std::vector<double> sum;            // of the values
  std::vector<double> activated_sum;  // of the values clamped to the activation's interval
  std::vector<float> min, max;        // of the values

  void reset(size_t channels);
  // values.size() is a multiple of the number of channels. Sums are taken in float over a few rows and in double over
  // those, always in the same order.
  void add(std::span<const float> values, FloatRange activation);
  // The sums alone.
  void add_sums(std::span<const float> values, FloatRange activation);
  void add(const ChannelStatistics& other);
  bool is_finite() const;  // an infinite or not-a-number value among those added makes it false
};

}  // namespace burin
