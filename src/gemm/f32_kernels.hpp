// Float micro-kernels, in one variant per instruction set: a panel of a matrix product, and a row of a depthwise
// convolution.
//
// Lanes are output channels. Every output starts from its bias and adds its products in ascending order of k, fused
// where the instruction set has it, so that AVX2 and AVX-512 give the same bits; the portable variant rounds the
// product too and may differ from them in the last bit.
#pragma once

#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin::gemm {

// Rows of the left matrix times one packed panel of weights.
//
// Element (r, k) of the left matrix is a[k / k_block * block_stride + r * a_stride + k % k_block]: rows of a matrix are
// one block (k_block = k); rows of an image have one block per kernel row; planes of channels one block per plane.
// Row r of the result lies at c + r * c_stride + r / run * gap: results may be rows of an image with a border.
struct F32Panel {
  int64_t rows;
  int64_t k;
  const float* a;
  int64_t a_stride;
  int64_t k_block;
  int64_t block_stride;
  const float* b;     // [k][vectors * lanes]
  const float* next;  // the weights of the next call, fetched meanwhile
  float* c;
  int64_t c_stride;
  int64_t run;
  int64_t gap;
  int64_t columns;      // valid ones, the last vector may be partial
  const float* bias;    // [vectors * lanes]; null: go on from the sums in c
  float min, max;       // clamp of the result; infinite where there are more terms to come
  const float* addend;  // added to the clamped result, [rows][addend_stride]; null: none
  int64_t addend_stride;
  float sum_min, sum_max;  // clamp of that sum
};

// Pixels of one output row of a depthwise convolution with multiplier 1.
//
// Kernel position (ky, kx) of pixel p reads rows[ky] + (p * stride + kx * dilation) * pixel_stride.
struct F32DepthwiseRow {
  int64_t pixels;
  int64_t channels;
  int64_t kernel_h, kernel_w;
  int64_t stride;
  int64_t dilation;
  const float* const* rows;  // [kernel_h]
  int64_t pixel_stride;
  const float* weights;  // [kernel_h * kernel_w][weight_stride]
  int64_t weight_stride;
  const float* bias;  // whole vectors
  float* output;      // [pixels][output_stride]
  int64_t output_stride;
  float min, max;
};

struct F32Kernels {
  const char* product_name;
  const char* depthwise_name;
  const char* row_tiles_name;
  int lanes;
  int vectors;                                // of the widest panel
  const int* tile_rows;                       // [vectors]: rows that a panel of 1, 2, ... vectors takes at a time
  void (*const* panels)(const F32Panel&);     // [vectors]
  void (*depthwise)(const F32DepthwiseRow&);  // reads and writes `channels` channels of each pixel
};

// The rows behind the last whole tile of a panel are taken this many at a time, and a single one by itself.
constexpr int f32_last_rows(int tile_rows) { return (tile_rows + 1) / 2; }

// The best set for this level.
const F32Kernels& f32_kernels(runtime::InstructionSet set);

extern const F32Kernels kF32Portable;
#if defined(__x86_64__)
extern const F32Kernels kF32Avx2;
extern const F32Kernels kF32Avx512;
#elif defined(__aarch64__) || defined(__arm__)
extern const F32Kernels kF32Neon;
#endif

}  // namespace burin::gemm
