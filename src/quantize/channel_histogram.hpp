// Where the values of one tensor [rows, channels] lie about an activation's clamps, per channel: enough to know, after
// one pass, the mean after the activation for any shift of the channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/fused_activation.hpp"

namespace burin {

class ChannelHistogram {
 public:
  // `max`: about the largest value of each channel, where the activation has no upper clamp. At least one end of the
  // activation is finite.
  ChannelHistogram(FloatRange activation, std::span<const float> max);

  // Counts one value of each channel from `first` on.
  void count(size_t first, std::span<const float> values);
  // Of the same layout. Counts are integers: the order of additions does not matter.
  void add(const ChannelHistogram& other);

  // Mean over the values of clamp(value + shift) - clamp(value).
  double activated_shift(size_t channel, double shift) const;
  // Share of the values with clamp(value + shift) = value + shift.
  double linear_share(size_t channel, double shift) const;

 private:
  // sum of count * what(center of the bin), over the number of values
  template <typename What>
  double mean(size_t channel, What what) const;

  static constexpr size_t kBins = 512;  // values beyond the first and last count there
  // From channel to channel: not a power of two, with which equal bins would share a set of the cache.
  static constexpr size_t kStride = kBins + 16;
  FloatRange activation_;
  std::vector<float> low_, bins_per_unit_;  // by channel
  std::vector<uint32_t> counts_;            // [channels, kStride]
};

}  // namespace burin
