// Integer micro-kernels: int8 codes times int8 weights, summed exactly in 32 bits (modulo 2^32).
//
// A product is cut into panels of up to `columns` output channels. A kernel set decides how the weights of a panel
// (pack) and the codes of a row (prepare_rows) lie in memory, and multiplies a block of rows with one panel in a call.
// Each kernel exists once per kind of output: `codes` requantizes in `litert` arithmetic, equal to requantize_litert
// (ops/requantize.hpp) bit for bit; `floats` scales back to floats; `sums` gives the sums to other arithmetics.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gemm/quantize_row.hpp"
#include "runtime/cpu_features.hpp"

namespace burin::gemm {

// codes: clamp(rint(sum * scale) + zero_point, min, max).
struct Requantization {
  const float* scales = nullptr;  // per output channel
  int32_t zero_point = 0;
  int32_t min = 0, max = 0;  // within -128..127
  // Every scale is below 1, so that no product overflows (with multipliers: every product is below 2^15), and min and
  // max are -128 and 127, where packing saturates.
  bool plain = false;
  // Per channel, not zero: the sums of any codes lie within +-2^23, their products with the scale within +-32000. For
  // kernels that ask (takes_narrow), else null.
  const uint8_t* narrow = nullptr;
  // Where given, instead of scales: multiply_half_up (ops/requantize.hpp) by multiplier * 2^(left - right - 31), with
  // sums below 2^(30 - left) and right at most 30. For kernels that say so.
  const int32_t* multipliers = nullptr;
  const int32_t* left_shifts = nullptr;
  const int32_t* right_shifts = nullptr;
};

// floats: clamp((sum - row's zero point * weight_sum) * (row's scale * scale) + bias, min, max), not fused. NaN stays.
struct Dequantization {
  const RowAffine* rows = nullptr;
  int64_t row_step = 0;                  // 1: a row of its own for every output row; 0: one for all
  const float* scales = nullptr;         // per output channel
  const float* bias = nullptr;           // per output channel
  const int32_t* weight_sums = nullptr;  // per output channel
  float min = 0.0f, max = 0.0f;
};

// Vectors of per-channel constants are read up to this many elements beyond the last channel.
inline constexpr int64_t kChannelPadding = 64;

// Weights of a panel before packing: element (column, k) at column * column_stride + k * k_stride.
struct Int8Weights {
  const int8_t* data;
  int64_t column_stride, k_stride;
  int64_t columns, depth;
};

struct Int8Panel {
  int64_t rows;
  int64_t depth;                  // terms of a piece of a sum; b holds one packed piece after the other
  int64_t pieces = 1;             // of a sum
  int64_t piece_stride = 0;       // bytes from a piece of a prepared row to the next one
  const std::byte* a;             // rows prepared by prepare_rows
  int64_t a_stride;               // bytes
  const std::byte* b;             // packed by pack
  int64_t columns;                // valid ones
  const int32_t* start;           // what sums start from, for whole vectors
  Requantization requantization;  // of these columns; codes only
  Dequantization dequantization;  // of these rows and columns; floats only
  void* c;                        // [rows][c_stride] int8_t codes, float or int32_t sums
  int64_t c_stride;               // elements
};

// One output row segment of a depthwise convolution with multiplier 1: neighbouring pixels whose kernel positions lie
// at the same offsets.
struct Int8Depthwise {
  int64_t pixels;
  int64_t channels;
  int64_t taps;
  const int8_t* const* inputs;  // [taps, an even number]: channel 0 of each position for the first pixel
  int64_t input_stride;
  const std::byte* weights;  // packed by pack
  const int32_t* start;      // [channels rounded up to 16]
  Requantization requantization;
  Dequantization dequantization;
  void* output;  // [pixels][output_stride] int8_t codes, float or int32_t sums
  int64_t output_stride;
};

struct Int8Kernels {
  const char* name;
  int columns;           // of a whole panel; panels begin at multiples of it
  int lanes;             // columns of a panel are filled up to a multiple of it
  int rows;              // of a tile: blocks of rows are multiples of it
  int offset;            // added to a code by prepare_rows
  int code_bytes = 0;    // of a prepared code, where panels of several pieces are taken, which may begin at any code
  bool half_up = false;  // `codes` takes multipliers
  bool takes_narrow = false;  // `codes` looks at Requantization::narrow
  // Prepared rows are the codes as they are, filled up with any codes: rows that need no filling are read where they
  // lie.
  bool plain_rows = false;
  int64_t (*row_bytes)(int64_t depth);
  // Turns `rows` rows of `depth` codes, `stride` apart, into rows of `out_stride` bytes.
  void (*prepare_rows)(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                       int64_t out_stride);
  int64_t (*panel_bytes)(int64_t depth, int64_t columns);
  void (*pack)(const Int8Weights& weights, std::byte* out);
  void (*codes)(const Int8Panel&);
  void (*floats)(const Int8Panel&);  // null with int4 weights
  void (*sums)(const Int8Panel&);
};

// Neighbouring pixels of one or two output rows of a depthwise convolution with multiplier 1.
struct Int8DepthwiseStrip {
  int64_t channels;
  int64_t first_channel = 0;  // of those to be computed: [first_channel, channels)
  int64_t strip_rows;         // 1, or 2 where kernel rows are neighbours and the stride is 1
  int64_t rows;               // of them that are stored
  int64_t pixels;             // of a row
  int64_t kernel_h, kernel_w, stride_w, dilation_w;
  const int8_t* const* inputs;  // [input_rows]: the first pixel of image rows; null outside the image
  int64_t input_rows;           // kernel_h + strip_rows - 1
  int64_t first_column;         // of the image: that of the first pixel and kernel column
  int64_t in_w;
  int64_t pixel_stride;
  int64_t overread;  // so many pixels before the end of an image row, a block of channels may be read beyond a pixel
  int8_t padding;    // code of positions outside the image
  const std::byte* weights;  // packed by pack
  const int32_t* start;      // [channels + kChannelPadding]
  Requantization requantization;
  Dequantization dequantization;  // its rows: of the first pixel
  void* output;                   // codes, floats or sums
  int64_t output_stride;          // elements from pixel to pixel
  int64_t output_row_stride;      // elements from row to row
  int64_t output_row_pixels;      // pixels of the whole output from row to row
  std::byte* scratch;             // column_bytes for every input column of the strip
};

struct Int8DepthwiseStripKernels {
  int channels;  // of a block
  int offset;    // added to codes
  int64_t (*weight_bytes)(int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t strip_rows);
  int64_t (*column_bytes)(int64_t kernel_h, int64_t strip_rows);
  // `weights`: [kernel_h][kernel_w][channels].
  void (*pack)(const int8_t* weights, int64_t channels, int64_t kernel_h, int64_t kernel_w, int64_t strip_rows,
               std::byte* out);
  void (*codes)(const Int8DepthwiseStrip&);
  void (*floats)(const Int8DepthwiseStrip&);
  void (*sums)(const Int8DepthwiseStrip&);
};

// Works by segments of a row, or by strips.
struct Int8DepthwiseKernels {
  const char* name;
  bool takes_narrow = false;  // `codes` looks at Requantization::narrow
  int64_t (*weight_bytes)(int64_t taps, int64_t channels);
  void (*pack)(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out);  // weights: [taps][channels]
  void (*codes)(const Int8Depthwise&);
  void (*floats)(const Int8Depthwise&);
  void (*sums)(const Int8Depthwise&);
  Int8DepthwiseStripKernels strips = {};  // channels 0: by segments
};

inline constexpr int kInt8DepthwiseLanes = 16;

// Weights of depthwise kernels that multiply two taps at a time: int16 [pairs of taps][channels rounded up to
// 16][2], an odd last tap paired with zeros.
int64_t tap_pairs_bytes(int64_t taps, int64_t channels);
void pack_tap_pairs(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out);

// The best sets for this level. int4: weights -8..7, kept as two in a byte, for sums below kLargestInt4Sum; null where
// they have to be packed as int8.
inline constexpr int64_t kLargestInt4Sum = (int64_t{1} << 27) - 1;
const Int8Kernels* int4_kernels(runtime::InstructionSet set);
const Int8Kernels& int8_kernels(runtime::InstructionSet set);
const Int8DepthwiseKernels& int8_depthwise_kernels(runtime::InstructionSet set, int64_t channels);

extern const Int8Kernels kInt8Portable;
extern const Int8DepthwiseKernels kInt8DepthwisePortable;
#if defined(__x86_64__)
extern const Int8Kernels kInt8Sse2;
extern const Int8DepthwiseKernels kInt8DepthwiseSse2;
extern const Int8Kernels kInt8AvxVnni;
extern const Int8DepthwiseKernels kInt8DepthwiseAvxVnni;
extern const Int8DepthwiseKernels kInt8DepthwiseAvx512Vnni;
extern const Int8DepthwiseKernels kInt8DepthwiseAvx512Vnni256;
extern const Int8Kernels kInt8Avx2;
extern const Int8DepthwiseKernels kInt8DepthwiseAvx2;
extern const Int8Kernels kInt8Avx512Vnni;
extern const Int8Kernels kInt4Avx2;
extern const Int8Kernels kInt4Avx512Vnni;
#elif defined(__aarch64__) || defined(__arm__)
extern const Int8Kernels kInt8Neon;
extern const Int8Kernels kInt8NeonDotprod;
extern const Int8DepthwiseKernels kInt8DepthwiseNeon;
extern const Int8DepthwiseKernels kInt8DepthwiseNeonDotprod;
#elif defined(__wasm_simd128__)
extern const Int8Kernels kInt8Simd128;
extern const Int8DepthwiseKernels kInt8DepthwiseSimd128;
#endif

}  // namespace burin::gemm
