// Depthwise strips (Int8DepthwiseStrip) in terms of an instruction set's operations. Included by one translation unit
// per instruction set, inside its unnamed namespace, after int8_kernels.inc.hpp; nothing of the standard library here.
//
// Input rows are taken in groups, as the instruction set multiplies them. For a block of channels the rows of a group
// are interleaved column by column into scratch memory, where the border of the image is filled in; then each output is
// the sum over kernel columns and groups of one product per vector. Two output rows share what is interleaved, each
// with weights of its own.
//
// `Isa` has: kGroup; kVectors of kLanes sums in a block, where lane 4 i + e of vector j is channel 4 kVectors i + 4 j +
// e; kPixels of a tile; kOffset that it adds to codes; V (sums), load(const int32_t*); R (a row's codes of one pixel),
// load_row(const int8_t*); interleave(const R (&rows)[kGroup], std::byte* out) for all vectors of a block;
// W (interleaved codes or weights of a vector), load_codes(const std::byte*); multiply_add(sum, codes, weights); and
// for the vectors of kCount pixels, of which `columns` channels are valid: store_block_codes<kPlain, kCount>(sums,
// columns, scales, requantization, out, stride), where scales have the order of the lanes. With kStoresFloats it has
// store_block_floats(sums, pixels, columns, dequantization, row, channel, out, stride) of sums in memory. With
// kThreeByThree it has what int8_strip_3x3 asks for: interleave_half<kHalf>(rows, out) for vectors 2 kHalf and 2 kHalf
// + 1; words(sums, scales, zero_point) of these two as 16-bit codes, which packed_words(words of half 0, of half 1)
// makes a block's codes.

template <typename Isa>
inline constexpr int kStripChannels = Isa::kVectors * Isa::kLanes;

template <typename Isa>
inline constexpr int kStripVectorBytes =  // of interleaved codes or weights
    Isa::kLanes * Isa::kGroup * static_cast<int>(sizeof(typename Isa::Weight));

// The order of the lanes, for constants of a block.
template <typename Isa, typename T>
inline void strip_order(const T* from, T* to) {
  for (int j = 0; j < Isa::kVectors; ++j) {
    for (int i = 0; i < Isa::kLanes / 4; ++i) {
      __builtin_memcpy(to + j * Isa::kLanes + 4 * i, from + 4 * Isa::kVectors * i + 4 * j, 4 * sizeof(T));
    }
  }
}

// Back to the order of the channels.
template <typename Isa, typename T>
inline void channel_order(const T* from, T* to) {
  for (int j = 0; j < Isa::kVectors; ++j) {
    for (int i = 0; i < Isa::kLanes / 4; ++i) {
      __builtin_memcpy(to + 4 * Isa::kVectors * i + 4 * j, from + j * Isa::kLanes + 4 * i, 4 * sizeof(T));
    }
  }
}

inline void store_strip_floats(const int32_t* sums, int64_t count, const RowAffine& row, const Dequantization& d,
                               int64_t channel, float* out) {
  const auto zero_point = static_cast<uint32_t>(row.zero_point);
  const float scale = row.scale, min = d.min, max = d.max;
  const float *scales = d.scales + channel, *bias = d.bias + channel;
  const int32_t* weight_sums = d.weight_sums + channel;
  for (int64_t c = 0; c < count; ++c) {
    const uint32_t offset = zero_point * static_cast<uint32_t>(weight_sums[c]);
    const auto sum = static_cast<int32_t>(static_cast<uint32_t>(sums[c]) - offset);
    const float value = static_cast<float>(sum) * (scale * scales[c]) + bias[c];
    out[c] = value < min ? min : value > max ? max : value;
  }
}

// [blocks][kernel columns][groups][output rows][vectors][lanes][group]; blocks as int8_strip_block.
template <typename Isa>
int64_t int8_strip_block(int64_t block, int64_t channels) {
  const int64_t last = channels > kStripChannels<Isa> ? channels - kStripChannels<Isa> : 0;
  return block * kStripChannels<Isa> < last ? block * kStripChannels<Isa> : last;
}

template <typename Isa>
int64_t int8_strip_groups(int64_t kernel_h, int64_t rows) {
  return (kernel_h + rows - 1 + Isa::kGroup - 1) / Isa::kGroup;
}

template <typename Isa>
int64_t int8_strip_weight_bytes(int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t rows) {
  const int64_t blocks = (channels + kStripChannels<Isa> - 1) / kStripChannels<Isa>;
  return blocks * kernel_w * int8_strip_groups<Isa>(kernel_h, rows) * rows * Isa::kVectors * kStripVectorBytes<Isa>;
}

template <typename Isa>
int64_t int8_strip_column_bytes(int64_t kernel_h, int64_t rows) {
  return int8_strip_groups<Isa>(kernel_h, rows) * Isa::kVectors * kStripVectorBytes<Isa>;
}

template <typename Isa>
void int8_pack_strip_channels(const int8_t* weights, int64_t stride, int64_t channels, int64_t kernel_h,
                              int64_t kernel_w, int64_t rows, std::byte* out) {
  using Weight = typename Isa::Weight;
  constexpr int kChannels = kStripChannels<Isa>;
  const int64_t groups = int8_strip_groups<Isa>(kernel_h, rows);
  auto* packed = reinterpret_cast<Weight*>(out);
  for (int64_t block = 0; block * kChannels < channels; ++block) {
    const int64_t first = int8_strip_block<Isa>(block, channels);
    const int64_t present = channels - first < kChannels ? channels - first : kChannels;
    for (int64_t kx = 0; kx < kernel_w; ++kx) {
      __builtin_memset(packed, 0, static_cast<size_t>(groups * rows * kChannels * Isa::kGroup) * sizeof(Weight));
      for (int64_t ky = 0; ky < kernel_h; ++ky) {
        const int8_t* from = weights + (ky * kernel_w + kx) * stride + first;
        for (int64_t row = 0; row < rows; ++row) {
          const int64_t k = ky + row;
          Weight* to = packed + (k / Isa::kGroup * rows + row) * kChannels * Isa::kGroup + k % Isa::kGroup;
          for (int64_t c = 0; c < present; ++c) {
            const int64_t lane = c / 4 % Isa::kVectors * Isa::kLanes + c / (4 * Isa::kVectors) * 4 + c % 4;
            to[lane * Isa::kGroup] = from[c];
          }
        }
      }
      packed += groups * rows * kChannels * Isa::kGroup;
    }
  }
}

template <typename Isa>
void int8_pack_strips(const int8_t* weights, int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t rows,
                      std::byte* out) {
  int8_pack_strip_channels<Isa>(weights, channels, channels, kernel_h, kernel_w, rows, out);
}

// The rows of one group for one block of channels, columns from the first that the strip needs.
template <typename Isa>
[[gnu::noinline]] void int8_interleave(const Int8DepthwiseStrip& s, int64_t group, int64_t channel, int64_t valid,
                                       int64_t columns, int64_t column_bytes, std::byte* out) {
  constexpr int kGroup = Isa::kGroup;
  alignas(64) int8_t outside[kStripChannels<Isa>];
  __builtin_memset(outside, s.padding, sizeof(outside));
  typename Isa::R codes[kGroup];
  int64_t column = 0;
  const auto border = [&](int64_t end) {
#pragma GCC unroll 4
    for (int k = 0; k < kGroup; ++k) codes[k] = Isa::load_row(outside);
    for (; column < end; ++column, out += column_bytes) Isa::interleave(codes, out);
  };
  border(s.first_column < 0 ? (-s.first_column < columns ? -s.first_column : columns) : 0);
  const int8_t* rows[kGroup];
  int64_t steps[kGroup];
#pragma GCC unroll 4
  for (int k = 0; k < kGroup; ++k) {
    const int8_t* row = group * kGroup + k < s.input_rows ? s.inputs[group * kGroup + k] : nullptr;
    steps[k] = row == nullptr ? 0 : s.pixel_stride;
    rows[k] = row == nullptr ? outside : row + channel + (s.first_column + column) * s.pixel_stride;
  }
  const int64_t end = s.in_w - s.first_column < columns ? s.in_w - s.first_column : columns;
  // A whole block may reach beyond the channels of a pixel, but not beyond the image.
  const int64_t limit = s.in_w - s.overread - s.first_column;
  const int64_t whole_end = valid == kStripChannels<Isa> || limit > end ? end : limit;
  for (; column < whole_end; ++column, out += column_bytes) {
#pragma GCC unroll 4
    for (int k = 0; k < kGroup; ++k) {
      codes[k] = Isa::load_row(rows[k]);
      rows[k] += steps[k];
    }
    Isa::interleave(codes, out);
  }
  for (; column < end; ++column, out += column_bytes) {
    for (int k = 0; k < kGroup; ++k) {
      alignas(64) int8_t all[kStripChannels<Isa>] = {};
      __builtin_memcpy(all, rows[k], static_cast<size_t>(valid));
      codes[k] = Isa::load_row(all);
      rows[k] += steps[k];
    }
    Isa::interleave(codes, out);
  }
  border(columns);
}

// Sums of `pixels` pixels from `pixel` on, [output rows][pixels][channels of a block], in the order of the lanes.
struct Int8StripSums {
  const int32_t* lanes;
  int pixels;
  int64_t pixel, channel;
  int64_t valid;        // channels
  const float* scales;  // of codes, in the order of the lanes
};

using Int8StripStore = void (*)(const Int8DepthwiseStrip&, const Int8StripSums&);

// Not inlined: one function for tiles of every size, which keep their registers.
template <typename Isa, Output kOutput>
[[gnu::noinline]] void int8_store_strip(const Int8DepthwiseStrip& s, const Int8StripSums& sums) {
  const int32_t* lanes = sums.lanes;
  for (int64_t r = 0; r < s.rows; ++r) {
    const int64_t at = r * s.output_row_stride + sums.pixel * s.output_stride + sums.channel;
    if constexpr (kOutput == Output::kFloats && requires { Isa::kStoresFloats; }) {
      Isa::store_block_floats(lanes, sums.pixels, sums.valid, s.dequantization, r * s.output_row_pixels + sums.pixel,
                              sums.channel, static_cast<float*>(s.output) + at, s.output_stride);
      lanes += sums.pixels * kStripChannels<Isa>;
      continue;
    }
    for (int64_t p = 0; p < sums.pixels; ++p, lanes += kStripChannels<Isa>) {
      const int64_t place = at + p * s.output_stride;
      if constexpr (kOutput == Output::kCodes) {
        typename Isa::V vectors[1][Isa::kVectors];
        for (int j = 0; j < Isa::kVectors; ++j) vectors[0][j] = Isa::load(lanes + j * Isa::kLanes);
        Isa::template store_block_codes<false, 1>(vectors, sums.valid, sums.scales, s.requantization,
                                                  static_cast<int8_t*>(s.output) + place, s.output_stride);
        continue;
      }
      alignas(64) int32_t ordered[kStripChannels<Isa>];
      channel_order<Isa>(lanes, ordered);
      if constexpr (kOutput == Output::kSums) {
        __builtin_memcpy(static_cast<int32_t*>(s.output) + place, ordered,
                         static_cast<size_t>(sums.valid) * sizeof(int32_t));
      } else {
        const Dequantization& d = s.dequantization;
        const RowAffine& row = d.rows[(r * s.output_row_pixels + sums.pixel + p) * d.row_step];
        store_strip_floats(ordered, sums.valid, row, d, sums.channel, static_cast<float*>(s.output) + place);
      }
    }
  }
}

// kPixels pixels of kRows output rows. With kInline their plain codes are written here, else `store` takes their sums.
template <typename Isa, bool kInline, int kRows, int kPixels>
inline void int8_strip_tile(const Int8DepthwiseStrip& s, const std::byte* codes, int64_t column_bytes,
                            const std::byte* weights, int64_t pixel, int64_t channel, int64_t valid,
                            const int32_t* start, const float* scales, [[maybe_unused]] Int8StripStore store) {
  using V = typename Isa::V;
  constexpr int kVectors = Isa::kVectors;
  constexpr int kBytes = kStripVectorBytes<Isa>;
  V sums[kRows][kPixels][kVectors];
#pragma GCC unroll 4
  for (int j = 0; j < kVectors; ++j) {
    const V first = Isa::load(start + j * Isa::kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) sums[r][p][j] = first;
    }
  }
  codes += pixel * s.stride_w * column_bytes;
  const int64_t step = s.stride_w * column_bytes;
  // Neighbouring columns are one piece of memory.
  const int64_t pieces = s.dilation_w == 1 ? 1 : s.kernel_w;
  const int64_t piece_bytes = s.dilation_w == 1 ? s.kernel_w * column_bytes : column_bytes;
  for (int64_t piece = 0; piece < pieces; ++piece, codes += s.dilation_w * column_bytes) {
    for (int64_t at = 0; at < piece_bytes; at += kVectors * kBytes) {
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; ++j) {
        typename Isa::W weight[kRows];
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) weight[r] = Isa::load_codes(weights + (r * kVectors + j) * kBytes);
#pragma GCC unroll 4
        for (int p = 0; p < kPixels; ++p) {
          const typename Isa::W code = Isa::load_codes(codes + p * step + at + j * kBytes);
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) sums[r][p][j] = Isa::multiply_add(sums[r][p][j], code, weight[r]);
        }
      }
      weights += kRows * kVectors * kBytes;
    }
  }
  if constexpr (kInline) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      if (r >= s.rows) break;
      const int64_t at = r * s.output_row_stride + pixel * s.output_stride + channel;
      Isa::template store_block_codes<true, kPixels>(sums[r], valid, scales, s.requantization,
                                                     static_cast<int8_t*>(s.output) + at, s.output_stride);
    }
  } else {
    alignas(64) int32_t lanes[kRows][kPixels][kStripChannels<Isa>];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
        for (int j = 0; j < kVectors; ++j) __builtin_memcpy(lanes[r][p] + j * Isa::kLanes, &sums[r][p][j], sizeof(V));
      }
    }
    store(s, {lanes[0][0], kPixels, pixel, channel, valid, scales});
  }
}

// A pixel behind the last tile.
template <typename Isa, int kRows>
[[gnu::noinline]] void int8_strip_pixel(const Int8DepthwiseStrip& s, const std::byte* weights, int64_t pixel,
                                        int64_t channel, int64_t valid, const int32_t* start, const float* scales,
                                        Int8StripStore store) {
  int8_strip_tile<Isa, false, kRows, 1>(s, s.scratch, int8_strip_column_bytes<Isa>(s.kernel_h, kRows), weights, pixel,
                                        channel, valid, start, scales, store);
}

// `channel_scales`: of codes, else null.
template <typename Isa, bool kInline, int kRows>
void int8_strip(const Int8DepthwiseStrip& s, const float* channel_scales, Int8StripStore store) {
  const int64_t column_bytes = int8_strip_column_bytes<Isa>(s.kernel_h, kRows);
  const int64_t groups = int8_strip_groups<Isa>(s.kernel_h, kRows);
  const int64_t columns = (s.pixels - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
  const std::byte* weights = s.weights;
  const int64_t channels = s.channels - s.first_channel;
  const int64_t valid = channels < kStripChannels<Isa> ? channels : kStripChannels<Isa>;
  for (int64_t block = 0; block * kStripChannels<Isa> < channels; ++block) {
    const int64_t channel = s.first_channel + int8_strip_block<Isa>(block, channels);
    for (int64_t group = 0; group < groups; ++group) {
      int8_interleave<Isa>(s, group, channel, valid, columns, column_bytes,
                           s.scratch + group * Isa::kVectors * kStripVectorBytes<Isa>);
    }
    alignas(64) int32_t start[kStripChannels<Isa>];
    alignas(64) float scales[kStripChannels<Isa>];
    strip_order<Isa>(s.start + channel, start);
    if (kInline || channel_scales != nullptr) strip_order<Isa>(channel_scales + channel, scales);
    constexpr int kPixels = Isa::kPixels * 2 / kRows;
    int64_t pixel = 0;
    for (; pixel + kPixels <= s.pixels; pixel += kPixels) {
      int8_strip_tile<Isa, kInline, kRows, kPixels>(s, s.scratch, column_bytes, weights, pixel, channel, valid, start,
                                                    scales, store);
    }
    if constexpr (kPixels > 1) {
      for (; pixel < s.pixels; ++pixel)
        int8_strip_pixel<Isa, kRows>(s, weights, pixel, channel, valid, start, scales, store);
    }
    weights += s.kernel_w * column_bytes * kRows;
  }
}

// Kernels of 3x3: sums of neighbouring pixels pass through registers while the columns of the image go by, so that each
// is read and interleaved once for half of the vectors of a block, whose weights stay in registers. The codes of the
// first half wait as 16-bit numbers in scratch memory for those of the second.
template <typename Isa, int kRows, int kStride, int kHalf>
inline void int8_strip_half_3x3(const Int8DepthwiseStrip& s, int64_t channel, const std::byte* weights,
                                const int32_t* start, const float* scales) {
  using V = typename Isa::V;
  using W = typename Isa::W;
  constexpr int kBytes = kStripVectorBytes<Isa>;
  W weight[3][kRows][2];
#pragma GCC unroll 3
  for (int kx = 0; kx < 3; ++kx) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < 2; ++v)
        weight[kx][r][v] = Isa::load_weights(weights + ((kx * kRows + r) * Isa::kVectors + 2 * kHalf + v) * kBytes);
    }
  }
  alignas(64) int8_t outside[kStripChannels<Isa>];
  __builtin_memset(outside, s.padding, sizeof(outside));
  typename Isa::R border_codes[4];
  const int8_t* rows[4];
  int64_t steps[4];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    const int8_t* row = k < s.input_rows ? s.inputs[k] : nullptr;
    steps[k] = row == nullptr ? 0 : s.pixel_stride;
    rows[k] = row == nullptr ? outside : row + channel + s.first_column * s.pixel_stride;
    border_codes[k] = Isa::load_row(outside);
  }
  W border[2];
  Isa::template interleave_half<kHalf>(border_codes, border);
  const int64_t begin = -s.first_column, end = s.in_w - s.first_column;  // of the columns inside the image
  // What input column `column` of the strip adds to sums.
  const auto column_codes = [&](int64_t column, W(&codes)[2]) {
    if (column < begin || column >= end) {
      codes[0] = border[0], codes[1] = border[1];
      return;
    }
    typename Isa::R all[4];
#pragma GCC unroll 4
    for (int k = 0; k < kRows + 2; ++k) all[k] = Isa::load_row(rows[k] + column * steps[k]);
    if constexpr (kRows == 1) all[3] = all[2];  // times zero
    Isa::template interleave_half<kHalf>(all, codes);
  };
  const auto add = [&](V(&sums)[kRows][2], const V(&from)[kRows][2], const W(&codes)[2], int kx) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < 2; ++v) sums[r][v] = Isa::multiply_add(from[r][v], codes[v], weight[kx][r][v]);
    }
  };
  V first[kRows][2];
#pragma GCC unroll 2
  for (int r = 0; r < kRows; ++r) first[r][0] = Isa::load(start), first[r][1] = Isa::load(start + Isa::kLanes);
  V next[kRows][2], sums[kRows][2];  // of the pixel after, of this pixel
  W codes[2];
  column_codes(0, codes);
  add(sums, first, codes, 0);
  if constexpr (kStride == 1) {
    column_codes(1, codes);
    add(sums, sums, codes, 1);
    add(next, first, codes, 0);
  }
  auto* words = reinterpret_cast<std::byte*>(s.scratch);
  int8_t* out = static_cast<int8_t*>(s.output) + channel;
  const bool both = s.rows == 2;
  for (int64_t pixel = 0; pixel < s.pixels; ++pixel, words += kRows * kBytes, out += s.output_stride) {
    if constexpr (kStride == 2) {
      column_codes(2 * pixel + 1, codes);
      add(sums, sums, codes, 1);
    }
    column_codes(kStride * pixel + 2, codes);
    add(sums, sums, codes, 2);
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      const W of_half = Isa::words(sums[r], scales, s.requantization.zero_point);
      if constexpr (kHalf == 0) {
        Isa::store_words(words + r * kBytes, of_half);
      } else if (r == 0 || both) {
        Isa::store_packed(out + r * s.output_row_stride, Isa::load_codes(words + r * kBytes), of_half);
      }
    }
    if constexpr (kStride == 1) {
      add(sums, next, codes, 1);
      add(next, first, codes, 0);
    } else {
      add(sums, first, codes, 0);
    }
  }
}

template <typename Isa, int kRows, int kStride>
void int8_strip_3x3(const Int8DepthwiseStrip& s) {
  const std::byte* weights = s.weights;
  const int64_t channels = s.channels - s.first_channel;
  for (int64_t block = 0; block * kStripChannels<Isa> < channels; ++block) {
    const int64_t channel = s.first_channel + int8_strip_block<Isa>(block, channels);
    alignas(64) int32_t start[kStripChannels<Isa>];
    alignas(64) float scales[kStripChannels<Isa>];
    strip_order<Isa>(s.start + channel, start);
    strip_order<Isa>(s.requantization.scales + channel, scales);
    int8_strip_half_3x3<Isa, kRows, kStride, 0>(s, channel, weights, start, scales);
    int8_strip_half_3x3<Isa, kRows, kStride, 1>(s, channel, weights, start + 2 * Isa::kLanes, scales + 2 * Isa::kLanes);
    weights += 3 * kRows * Isa::kVectors * kStripVectorBytes<Isa>;
  }
}

template <typename Isa, Output kOutput>
[[gnu::noinline]] void int8_strip_of(const Int8DepthwiseStrip& s) {
  constexpr Int8StripStore kStore = int8_store_strip<Isa, kOutput>;
  if constexpr (kOutput == Output::kCodes) {
    if (s.requantization.plain) {
      if constexpr (requires { Isa::kThreeByThree; }) {
        if (s.kernel_h == 3 && s.kernel_w == 3 && s.dilation_w == 1 &&
            s.channels - s.first_channel >= kStripChannels<Isa>) {
          if (s.strip_rows == 2 && s.stride_w == 1) return int8_strip_3x3<Isa, 2, 1>(s);
          if (s.strip_rows == 1 && s.stride_w == 2) return int8_strip_3x3<Isa, 1, 2>(s);
        }
      }
      const float* scales = s.requantization.scales;
      return s.strip_rows == 1 ? int8_strip<Isa, true, 1>(s, scales, kStore)
                               : int8_strip<Isa, true, 2>(s, scales, kStore);
    }
  }
  const float* scales = kOutput == Output::kCodes ? s.requantization.scales : nullptr;
  return s.strip_rows == 1 ? int8_strip<Isa, false, 1>(s, scales, kStore)
                           : int8_strip<Isa, false, 2>(s, scales, kStore);
}

// Blocks of two widths: Wide's, and where what is left fits into one of Narrow's, this for the last.
template <typename Wide, typename Narrow>
struct StripsOfTwoWidths {
  static int64_t wide_channels(int64_t channels) {
    const int64_t whole = channels / kStripChannels<Wide> * kStripChannels<Wide>;
    return whole > 0 && channels - whole <= kStripChannels<Narrow> ? whole : channels;
  }
  static int64_t weight_bytes(int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t rows) {
    const int64_t wide = wide_channels(channels);
    return int8_strip_weight_bytes<Wide>(wide, kernel_h, kernel_w, rows) +
           int8_strip_weight_bytes<Narrow>(channels - wide, kernel_h, kernel_w, rows);
  }
  static void pack(const int8_t* weights, int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t rows,
                   std::byte* out) {
    const int64_t wide = wide_channels(channels);
    int8_pack_strip_channels<Wide>(weights, channels, wide, kernel_h, kernel_w, rows, out);
    if (wide == channels) return;
    out += int8_strip_weight_bytes<Wide>(wide, kernel_h, kernel_w, rows);
    const int64_t first = channels - kStripChannels<Narrow>;
    int8_pack_strip_channels<Narrow>(weights + first, channels, kStripChannels<Narrow>, kernel_h, kernel_w, rows, out);
  }
  template <Output kOutput>
  static void run(const Int8DepthwiseStrip& s) {
    Int8DepthwiseStrip part = s;
    part.channels = wide_channels(s.channels);
    int8_strip_of<Wide, kOutput>(part);
    if (part.channels == s.channels) return;
    part.weights += int8_strip_weight_bytes<Wide>(part.channels, s.kernel_h, s.kernel_w, s.strip_rows);
    part.channels = s.channels;
    part.first_channel = s.channels - kStripChannels<Narrow>;
    int8_strip_of<Narrow, kOutput>(part);
  }
};

template <typename Isa>
constexpr Int8DepthwiseKernels int8_strip_kernels(const char* name) {
  return {.name = name,
          .codes = nullptr,
          .floats = nullptr,
          .sums = nullptr,
          .strips = {.channels = kStripChannels<Isa>,
                     .offset = Isa::kOffset,
                     .weight_bytes = int8_strip_weight_bytes<Isa>,
                     .column_bytes = int8_strip_column_bytes<Isa>,
                     .pack = int8_pack_strips<Isa>,
                     .codes = int8_strip_of<Isa, Output::kCodes>,
                     .floats = if_selected("hybrid", int8_strip_of<Isa, Output::kFloats>),
                     .sums = if_selected(kIntegerSums, int8_strip_of<Isa, Output::kSums>)}};
}
