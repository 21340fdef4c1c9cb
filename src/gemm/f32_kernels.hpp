// Float micro-kernels: one tile of a matrix product, in one variant per instruction set.
//
// A tile is up to `rows` x `vectors * lanes` outputs; lanes are output channels. Every output starts from its bias and
// adds its products in ascending order of k, fused where the instruction set has it, so that AVX2 and AVX-512 give the
// same bits; the portable variant rounds the product too and may differ from them in the last bit.
#pragma once

#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin::gemm {

struct F32Tile {
  int64_t k;       // terms to add
  const float* a;  // [rows][a_stride]
  int64_t a_stride;
  const float* b;  // [k][vectors * lanes]
  float* c;        // [rows][c_stride]
  int64_t c_stride;
  int64_t columns;    // valid ones, the last vector may be partial
  const float* bias;  // [vectors * lanes]; null: go on from the sums in c
  float min, max;     // clamp of the result; infinite where there are more terms to come
};

// One output row segment of a depthwise convolution with multiplier 1: neighbouring pixels whose kernel positions lie
// at the same offsets.
struct F32Depthwise {
  int64_t pixels;
  int64_t channels;
  int64_t taps;
  const float* const* inputs;  // [taps]: channel 0 of each position for the first pixel
  int64_t input_stride;        // elements from a pixel's inputs to the next pixel's
  const float* weights;        // [taps][weight_stride]
  int64_t weight_stride;       // channels rounded up to whole vectors
  const float* bias;           // [weight_stride]
  float* output;               // [pixels][output_stride]
  int64_t output_stride;
  float min, max;
};

struct F32Kernels {
  const char* product_name;
  const char* depthwise_name;
  int lanes;
  int rows;
  int vectors;
  void (*const* tiles)(const F32Tile&);  // [rows][vectors]
  void (*depthwise)(const F32Depthwise&);
};

// The best set for this level.
const F32Kernels& f32_kernels(runtime::InstructionSet set);

extern const F32Kernels kF32Portable;
#if defined(__x86_64__)
extern const F32Kernels kF32Avx2;
extern const F32Kernels kF32Avx512;
#endif

}  // namespace burin::gemm
