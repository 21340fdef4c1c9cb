// The geometry of a convolution as the blocked products take it.
#pragma once

#include <string_view>

#include "gemm/patches.hpp"
#include "ops/conv/window.hpp"
#include "runtime/kernel.hpp"

namespace burin {

// `padding`: what of the input's shape is not in memory. `input`: NHWC; `kernel`: its rows and columns are dimensions 1
// and 2; `channels`: of one group.
template <typename ConvAttributes>
Status convolution_patches(std::string_view op, const ConvAttributes& a, const Shape& input, const Shape& kernel,
                           int64_t channels, const runtime::ImagePadding& padding, gemm::Patches& p) {
  WindowAxis height, width;
  Status status = make_window_axis(op, "height", a.padding, input[1], kernel[1], a.stride_h, a.dilation_h, height);
  if (!status.is_ok()) return status;
  status = make_window_axis(op, "width", a.padding, input[2], kernel[2], a.stride_w, a.dilation_w, width);
  if (!status.is_ok()) return status;
  p.batch = input[0];
  p.in_h = height.input - padding.top - padding.bottom;
  p.in_w = width.input - padding.left - padding.right;
  p.pixel_stride = input[3], p.channels = channels;
  p.out_h = height.output, p.out_w = width.output;
  p.kernel_h = height.kernel, p.kernel_w = width.kernel;
  p.stride_h = height.stride, p.stride_w = width.stride;
  p.dilation_h = height.dilation, p.dilation_w = width.dilation;
  p.pad_top = height.pad_before + padding.top;
  p.pad_left = width.pad_before + padding.left;
  p.padding = padding.value;
  return {};
}

}  // namespace burin
