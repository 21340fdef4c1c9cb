// The geometry of a convolution as the blocked products take it.
#pragma once

#include <algorithm>

#include "burin/tensor_types.hpp"
#include "gemm/patches.hpp"
#include "ops/conv/attributes.hpp"

namespace burin {

// `input`, `output`: NHWC; `kernel_h`, `kernel_w` as in the kernel's shape; `channels` of one group.
template <typename ConvAttributes>
gemm::Patches convolution_patches(const ConvAttributes& attributes, const Shape& input, int32_t kernel_h,
                                  int32_t kernel_w, int64_t channels, const Shape& output) {
  const auto pad_before = [&](int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation) {
    if (attributes.padding == Padding::kValid) return int64_t{0};
    return std::max<int64_t>((out - 1) * stride + (kernel - 1) * dilation + 1 - in, 0) / 2;
  };
  gemm::Patches p;
  p.batch = input[0], p.in_h = input[1], p.in_w = input[2], p.pixel_stride = input[3];
  p.channels = channels;
  p.out_h = output[1], p.out_w = output[2];
  p.kernel_h = kernel_h, p.kernel_w = kernel_w;
  p.stride_h = attributes.stride_h, p.stride_w = attributes.stride_w;
  p.dilation_h = attributes.dilation_h, p.dilation_w = attributes.dilation_w;
  p.pad_top = pad_before(p.in_h, p.out_h, p.kernel_h, p.stride_h, p.dilation_h);
  p.pad_left = pad_before(p.in_w, p.out_w, p.kernel_w, p.stride_w, p.dilation_w);
  return p;
}

}  // namespace burin
