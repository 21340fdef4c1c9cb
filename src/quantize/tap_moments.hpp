// Second moments of what the taps of a depthwise kernel read, per input channel, in steps of the input's scale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/conv/window.hpp"

namespace burin {

class TapMoments {
 public:
  TapMoments(WindowAxis height, WindowAxis width, size_t channels);

  // One sample's codes [images, height, width, channels]; padding reads the zero point. Of large layers about 64
  // positions of the output are counted (counted_rows.hpp). `sample`: its index.
  void add(std::span<const int8_t> codes, int32_t zero_point, size_t sample);
  // Of the same layout. All sums are integers that a double holds exactly: the order of additions does not matter.
  void add(const TapMoments& other);

  size_t taps() const { return taps_; }
  double positions() const { return positions_; }  // counted so far
  // [taps, taps]: the mean over the positions of tap a times tap b, with 1 % of the mean diagonal added to the
  // diagonal.
  std::vector<double> damped(size_t channel) const;

 private:
  void read(std::span<const int8_t> codes, int32_t zero_point, int32_t row, int32_t column, float* to) const;
  void add_block();

  WindowAxis height_, width_;
  size_t channels_, taps_;
  double positions_ = 0;
  std::vector<double> sums_;  // [pairs of taps a <= b, channels]
  std::vector<float> read_;   // [positions of a block, taps, channels]
};

}  // namespace burin
