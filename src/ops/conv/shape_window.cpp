#include <algorithm>
#include <string>

#include "ops/conv/window.hpp"

namespace burin {

Status make_window_axis(std::string_view op, std::string_view axis, Padding padding, int32_t input, int32_t kernel,
                        int32_t stride, int32_t dilation, WindowAxis& window) {
  const std::string place = std::string(op) + ": ";
  if (kernel < 1 || stride < 1 || dilation < 1) return misfit(place + "kernel, stride and dilation must be at least 1");
  const int64_t effective = (int64_t{kernel} - 1) * dilation + 1;
  const int64_t output = padding == Padding::kSame ? (int64_t{input} + stride - 1) / stride
                                                   : (int64_t{input} - effective + stride) / stride;
  if (input < 1 || output < 1) {
    return misfit(place + "input " + std::string(axis) + " " + std::to_string(input) +
                  " is smaller than the window's " + std::to_string(effective));
  }
  const int64_t padded = (output - 1) * stride + effective;
  const int64_t total = padding == Padding::kSame ? std::max<int64_t>(0, padded - input) : 0;
  if (total > int64_t{1} << 30) return misfit(place + "the window's " + std::string(axis) + " is too large");
  window = {input, static_cast<int32_t>(output), kernel, stride, dilation, static_cast<int32_t>(total / 2)};
  return {};
}

}  // namespace burin
