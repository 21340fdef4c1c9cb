// One spatial axis of a sliding window (convolutions and pools), as TFLite computes it:
//   effective = (kernel - 1) * dilation + 1
//   SAME:  output = ceil(input / stride), padding split with the odd one after
//   VALID: output = floor((input - effective) / stride) + 1
// Output o reads inputs o * stride - pad_before + k * dilation for k = 0 .. kernel - 1; those outside are padding.
#pragma once

#include <cstdint>
#include <string_view>

#include "ops/conv/attributes.hpp"
#include "ops/operands.hpp"

namespace burin {

struct WindowAxis {
  int32_t input = 0;
  int32_t output = 0;
  int32_t kernel = 0;
  int32_t stride = 1;
  int32_t dilation = 1;
  int32_t pad_before = 0;

  // The first input position of output o, before dilation; may be negative.
  int64_t start(int32_t o) const { return int64_t{o} * stride - pad_before; }
};

// `axis` ("height", "width") is for the error.
Status make_window_axis(std::string_view op, std::string_view axis, Padding padding, int32_t input, int32_t kernel,
                        int32_t stride, int32_t dilation, WindowAxis& window);

}  // namespace burin
