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

// `count` elements; codes up to kGatherOverrun, short ones as if they were longer, where so many lie before `end`.
inline constexpr int64_t kGatherOverrun = 16;
template <typename T>
void copy_piece(const T* source, int64_t count, const T* end, T* target) {
  if (sizeof(T) == 1 && count <= kGatherOverrun && end - source >= kGatherOverrun) {
    std::memcpy(target, source, kGatherOverrun);
  } else {
    std::memcpy(target, source, static_cast<size_t>(count) * sizeof(T));
  }
}

// Whole patches of neighbouring pixels that lie inside the image: `pieces` pieces of `count` elements.
template <typename T>
void gather_inside(const T* source, int64_t pixels, int64_t pixel_step, int64_t pieces, int64_t piece_step,
                   int64_t count, const T* end, T* out, int64_t out_stride) {
  const auto copy_all = [=](const auto& copy) {
    const T* first = source;
    T* row = out;
    for (int64_t pixel = 0; pixel < pixels; ++pixel, first += pixel_step, row += out_stride) {
      const T* from = first;
      T* to = row;
      for (int64_t piece = 0; piece < pieces; ++piece, from += piece_step, to += count) copy(from, to);
    }
  };
  const T* last = source + (pixels - 1) * pixel_step + (pieces - 1) * piece_step;
  if (sizeof(T) == 1 && count <= kGatherOverrun && end - last >= kGatherOverrun) {
    copy_all([](const T* from, T* to) { std::memcpy(to, from, kGatherOverrun); });
  } else {
    copy_all([=](const T* from, T* to) { copy_piece(from, count, end, to); });
  }
}

// Copies rows [row_begin, row_end) of the kernel positions [tap_begin, tap_end) to `out`, `out_stride` elements apart.
// `image` points to the first channel of the group; positions outside the image are `padding`. Up to kGatherOverrun
// bytes behind the last row of codes are overwritten.
template <typename T>
void gather_patches(const Patches& p, const T* image, int64_t row_begin, int64_t row_end, int64_t tap_begin,
                    int64_t tap_end, T padding, T* out, int64_t out_stride) {
  // Neighbouring positions of one kernel row are one piece of memory where no other group's channels lie between.
  const bool joined = p.dilation_w == 1 && p.channels == p.pixel_stride;
  const bool whole = joined && tap_begin == 0 && tap_end == p.taps();
  const int64_t last_x = p.in_w - p.kernel_w, last_y = p.in_h - 1 - (p.kernel_h - 1) * p.dilation_h;
  const T* end = image + (p.batch * p.in_h * p.in_w - 1) * p.pixel_stride + p.channels;
  int64_t x = row_begin % p.out_w;
  int64_t y = row_begin / p.out_w % p.out_h;
  int64_t n = row_begin / p.out_w / p.out_h;
  for (int64_t row = row_begin; row < row_end; ++row, out += out_stride) {
    const T* picture = image + n * p.in_h * p.in_w * p.pixel_stride;
    const int64_t in_x0 = x * p.stride_w - p.pad_left;
    const int64_t in_y0 = y * p.stride_h - p.pad_top;
    T* target = out;
    int64_t tap = tap_begin;
    if (whole && in_x0 >= 0 && in_x0 <= last_x && in_y0 >= 0 && in_y0 <= last_y) {
      int64_t pixels = (last_x - in_x0) / p.stride_w + 1;
      if (pixels > p.out_w - x) pixels = p.out_w - x;
      if (pixels > row_end - row) pixels = row_end - row;
      gather_inside(picture + (in_y0 * p.in_w + in_x0) * p.pixel_stride, pixels, p.stride_w * p.pixel_stride,
                    p.kernel_h, p.dilation_h * p.in_w * p.pixel_stride, p.kernel_w * p.channels, end, out, out_stride);
      x += pixels - 1;
      row += pixels - 1;
      out += (pixels - 1) * out_stride;
      tap = tap_end;
    }
    while (tap < tap_end) {
      const int64_t in_y = in_y0 + tap / p.kernel_w * p.dilation_h;
      const int64_t kernel_x = tap % p.kernel_w;
      const int64_t in_x = in_x0 + kernel_x * p.dilation_w;
      const bool row_inside = in_y >= 0 && in_y < p.in_h;
      const T* source = picture + (in_y * p.in_w + in_x) * p.pixel_stride;
      const int64_t rest = p.kernel_w - kernel_x < tap_end - tap ? p.kernel_w - kernel_x : tap_end - tap;
      if (joined && row_inside && in_x >= 0 && in_x + rest <= p.in_w) {
        copy_piece(source, rest * p.channels, end, target);
        target += rest * p.channels;
        tap += rest;
        continue;
      }
      if (row_inside && in_x >= 0 && in_x < p.in_w) {
        copy_piece(source, p.channels, end, target);
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
