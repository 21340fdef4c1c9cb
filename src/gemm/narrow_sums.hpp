// Which sums are small enough for the shorter requantization of some kernels (Requantization::narrow).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gemm/aligned_buffer.hpp"
#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

class NarrowSums {
 public:
  NarrowSums() = default;
  explicit NarrowSums(int64_t channels) : largest_(static_cast<size_t>(channels)), channels_(channels) {}

  // The weights of a channel, `stride` apart.
  void set(int64_t channel, const int8_t* weights, int64_t stride, int64_t terms, int32_t bias, int32_t zero_point) {
    if (channels_ == 0) return;
    int64_t low = bias, high = bias;
    for (int64_t k = 0; k < terms; ++k) {
      const int64_t first = int64_t{weights[k * stride]} * (-128 - zero_point);
      const int64_t last = int64_t{weights[k * stride]} * (127 - zero_point);
      low += std::min(first, last);
      high += std::max(first, last);
    }
    largest_.data()[channel] = static_cast<int32_t>(std::min<int64_t>(std::max(-low, high), INT32_MAX));
  }

  // Which channels are narrow with these scales, and whole vectors of padding; empty where the kernels did not ask.
  // Asked once: the bounds are dropped.
  std::vector<uint8_t> take(const float* scales) {
    std::vector<uint8_t> narrow;
    if (channels_ > 0) narrow.assign(static_cast<size_t>(channels_ + kChannelPadding), 0);
    for (int64_t channel = 0; channel < channels_; ++channel) {
      const int32_t largest = largest_.data()[channel];
      const bool is_narrow = largest < 1 << 23 && static_cast<float>(largest) * scales[channel] < 32000.0f;
      narrow[static_cast<size_t>(channel)] = is_narrow ? 1 : 0;
    }
    *this = NarrowSums();
    return narrow;
  }

 private:
  AlignedBuffer<int32_t> largest_;  // absolute sum of any codes
  int64_t channels_ = 0;
};

}  // namespace burin::gemm
