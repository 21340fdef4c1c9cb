// How a row of a depthwise convolution is cut into segments for a micro-kernel.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gemm/patches.hpp"

namespace burin::gemm {

// Pixels that share a segment where some kernel rows lie outside the image.
inline constexpr int64_t kBorderPixels = 4;

// Elements that stand for positions outside the image: as far as the pixels of a border segment reach.
inline int64_t outside_elements(const Patches& p) { return ((kBorderPixels - 1) * p.stride_w + 1) * p.pixel_stride; }

// Calls segment(x, pixels) for output row `y` of picture `n` after filling inputs[taps] with the address of each kernel
// position for pixel x; `outside` (outside_elements long) stands for positions outside the image. Pixels of a segment
// lie `stride_w * pixel_stride` elements apart.
template <typename T, typename Segment>
void for_each_depthwise_segment(const Patches& p, const T* image, int64_t n, int64_t y, const T* outside,
                                const T** inputs, Segment&& segment) {
  const T* picture = image + n * p.in_h * p.in_w * p.pixel_stride;
  const int64_t in_y0 = y * p.stride_h - p.pad_top;
  const auto fill = [&](int64_t x) {
    const int64_t in_x0 = x * p.stride_w - p.pad_left;
    for (int64_t ky = 0, tap = 0; ky < p.kernel_h; ++ky) {
      const int64_t in_y = in_y0 + ky * p.dilation_h;
      for (int64_t kx = 0; kx < p.kernel_w; ++kx, ++tap) {
        const int64_t in_x = in_x0 + kx * p.dilation_w;
        const bool inside = in_y >= 0 && in_y < p.in_h && in_x >= 0 && in_x < p.in_w;
        inputs[tap] = inside ? picture + (in_y * p.in_w + in_x) * p.pixel_stride : outside;
      }
    }
  };
  // The pixels [left, right) have every column of the kernel inside: their addresses move together.
  const int64_t reach = (p.kernel_w - 1) * p.dilation_w;
  const int64_t left = std::min((p.pad_left + p.stride_w - 1) / p.stride_w, p.out_w);
  const int64_t limit = p.in_w - 1 - reach + p.pad_left;  // largest x * stride_w with the last column inside
  const int64_t right = limit < 0 ? left : std::clamp(limit / p.stride_w + 1, left, p.out_w);
  const bool rows_inside = in_y0 >= 0 && in_y0 + (p.kernel_h - 1) * p.dilation_h < p.in_h;
  for (int64_t x = 0; x < p.out_w;) {
    const int64_t pixels = x < left || x >= right ? 1 : rows_inside ? right - x : std::min(kBorderPixels, right - x);
    fill(x);
    segment(x, pixels);
    x += pixels;
  }
}

}  // namespace burin::gemm
