// What the values of one tensor [rows, channels] add up to, per channel: before an activation and after it. Of large
// tensors some rows are counted (counted_rows.hpp).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ops/fused_activation.hpp"

namespace burin {

struct ChannelStatistics {
  std::vector<double> sum;            // of the values
  std::vector<double> activated_sum;  // of the values clamped to the activation's interval
  std::vector<float> max;             // of the values
  double count = 0;                   // values per channel

  void reset(size_t channels);
  // values.size() is a multiple of the number of channels. Sums are taken in float over a few rows and in double over
  // those, always in the same order. `sample`: its index.
  void add(std::span<const float> values, FloatRange activation, size_t sample);
  void add(const ChannelStatistics& other);
  bool is_finite() const;  // an infinite or not-a-number value among those added makes it false
};

}  // namespace burin
