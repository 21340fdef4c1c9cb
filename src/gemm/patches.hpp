// The left matrix of a convolution: one row per output pixel, one column per (kernel row, kernel column, channel).
//
// It is never made whole: `gather_patches` copies a block of rows and kernel positions into scratch memory. A plain
// row-major matrix is the 1x1 case, where rows lie in the image as they are (`is_matrix`) and nothing is copied.
#pragma once

#include <cstdint>
#include <cstring>

namespace burin::gemm {

struct Patches {
  int64_t batch = 1, in_h = 1, in_w = 1;
  int64_t pixel_stride = 1;  // elements from one input pixel to the next: all channels
  int64_t channels = 1;      // of one group
  int64_t out_h = 1, out_w = 1;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0;
  float padding = 0;  // of positions outside a float image; integer products are given its code

  int64_t rows() const { return batch * out_h * out_w; }
  int64_t taps() const { return kernel_h * kernel_w; }
  int64_t depth() const { return taps() * channels; }
  bool is_matrix() const {
    return taps() == 1 && stride_h == 1 && stride_w == 1 && pad_top == 0 && pad_left == 0 && out_h == in_h &&
           out_w == in_w;
  }
};

// A matrix [rows, depth].
inline Patches matrix_rows(int64_t rows, int64_t depth) {
  Patches patches;
  patches.in_h = patches.out_h = rows;
  patches.pixel_stride = patches.channels = depth;
  return patches;
}

// Copies rows [row_begin, row_end) of the kernel positions [tap_begin, tap_end) to `out`, `out_stride` elements apart.
// `image` points to the first channel of the group; positions outside the image are `padding`.
template <typename T>
void gather_patches(const Patches& p, const T* image, int64_t row_begin, int64_t row_end, int64_t tap_begin,
                    int64_t tap_end, T padding, T* out, int64_t out_stride) {
  const size_t tap_bytes = static_cast<size_t>(p.channels) * sizeof(T);
  // Neighbouring positions of one kernel row are one piece of memory where no other group's channels lie between.
  const bool joined = p.dilation_w == 1 && p.channels == p.pixel_stride;
  int64_t x = row_begin % p.out_w;
  int64_t y = row_begin / p.out_w % p.out_h;
  int64_t n = row_begin / p.out_w / p.out_h;
  for (int64_t row = row_begin; row < row_end; ++row, out += out_stride) {
    const T* picture = image + n * p.in_h * p.in_w * p.pixel_stride;
    const int64_t in_x0 = x * p.stride_w - p.pad_left;
    const int64_t in_y0 = y * p.stride_h - p.pad_top;
    T* target = out;
    for (int64_t tap = tap_begin; tap < tap_end;) {
      const int64_t in_y = in_y0 + tap / p.kernel_w * p.dilation_h;
      const int64_t kernel_x = tap % p.kernel_w;
      const int64_t in_x = in_x0 + kernel_x * p.dilation_w;
      const bool row_inside = in_y >= 0 && in_y < p.in_h;
      const T* source = picture + (in_y * p.in_w + in_x) * p.pixel_stride;
      const int64_t rest = p.kernel_w - kernel_x < tap_end - tap ? p.kernel_w - kernel_x : tap_end - tap;
      if (joined && row_inside && in_x >= 0 && in_x + rest <= p.in_w) {
        std::memcpy(target, source, static_cast<size_t>(rest) * tap_bytes);
        target += rest * p.channels;
        tap += rest;
        continue;
      }
      if (row_inside && in_x >= 0 && in_x < p.in_w) {
        std::memcpy(target, source, tap_bytes);
      } else {
        for (int64_t c = 0; c < p.channels; ++c) target[c] = padding;
      }
      target += p.channels;
      ++tap;
    }
    if (++x == p.out_w) {
      x = 0;
      if (++y == p.out_h) y = 0, ++n;
    }
  }
}

}  // namespace burin::gemm
