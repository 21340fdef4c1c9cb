// Which sums are small enough for the shorter requantization of some kernels (Requantization::narrow).
#pragma once

#include <algorithm>
#include <cstdint>

#include "gemm/aligned_buffer.hpp"

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

  // Whether all are narrow with these scales. Asked once: the bounds are dropped.
  bool take(const float* scales) {
    bool narrow = channels_ > 0;
    for (int64_t channel = 0; channel < channels_; ++channel) {
      const int32_t largest = largest_.data()[channel];
      narrow = narrow && largest < 1 << 23 && static_cast<float>(largest) * scales[channel] < 32000.0f &&
               scales[channel] * 8388608.0f >= 256.0f;
    }
    *this = NarrowSums();
    return narrow;
  }

 private:
  AlignedBuffer<int32_t> largest_;  // absolute sum of any codes
  int64_t channels_ = 0;
};

}  // namespace burin::gemm
