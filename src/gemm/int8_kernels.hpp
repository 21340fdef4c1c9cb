// Integer micro-kernels: int8 codes times int8 weights, summed exactly in 32 bits (modulo 2^32).
//
// A tile is up to `rows` x `vectors * lanes` outputs; lanes are output channels. Terms are taken in groups, as the
// instruction sets multiply them: two 16-bit ones (portable, AVX2) or four 8-bit ones (VNNI, unsigned times signed, so
// that codes are kept plus 128). Each kernel exists twice: `codes` requantizes in `litert` arithmetic, equal to
// requantize_litert (ops/requantize.hpp) bit for bit; `sums` gives the sums to other arithmetics.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin::gemm {

// What `codes` kernels do with a sum: clamp(rint(sum * scale) + zero_point, min, max).
struct Requantization {
  const float* scales;  // per output channel
  int32_t zero_point;
  int32_t min, max;  // within -128..127
};

struct Int8Tile {
  int64_t groups;                 // of terms to add
  const std::byte* a;             // [rows][a_stride], prepared by prepare_rows
  int64_t a_stride;               // bytes
  const int8_t* b;                // [groups][vectors * lanes][group]
  int64_t columns;                // valid ones, the last vector may be partial
  const int32_t* start;           // [vectors * lanes]: what sums start from
  Requantization requantization;  // scales of these columns
  void* c;                        // [rows][c_stride] int8_t codes or int32_t sums
  int64_t c_stride;               // elements
};

// One output row segment of a depthwise convolution with multiplier 1, as F32Depthwise.
struct Int8Depthwise {
  int64_t pixels;
  int64_t channels;
  int64_t pairs;                // of taps; an odd last one is paired with a zero weight
  const int8_t* const* inputs;  // [pairs * 2]
  int64_t input_stride;
  const int16_t* weights;  // [pairs][channels rounded up to 16][2]
  const int32_t* start;    // [channels rounded up to 16]
  Requantization requantization;
  void* output;  // [pixels][output_stride] int8_t codes or int32_t sums
  int64_t output_stride;
};

struct Int8Kernels {
  const char* name;
  int lanes;
  int rows;
  int vectors;
  int group;       // terms that are multiplied together
  int code_bytes;  // of a prepared code
  int offset;      // added to a prepared code
  // Turns `rows` rows of `depth` codes, `stride` apart, into what tiles read: rows of `out_stride` bytes, filled
  // up to a whole group with any codes.
  void (*prepare_rows)(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                       int64_t out_stride);
  void (*const* tile_codes)(const Int8Tile&);  // [rows][vectors]
  void (*const* tile_sums)(const Int8Tile&);
};

struct Int8DepthwiseKernels {
  const char* name;
  void (*codes)(const Int8Depthwise&);
  void (*sums)(const Int8Depthwise&);
};

inline constexpr int kInt8DepthwiseLanes = 16;

// The best sets for this level.
const Int8Kernels& int8_kernels(runtime::InstructionSet set);
const Int8DepthwiseKernels& int8_depthwise_kernels(runtime::InstructionSet set);

extern const Int8Kernels kInt8Portable;
extern const Int8DepthwiseKernels kInt8DepthwisePortable;
#if defined(__x86_64__)
extern const Int8Kernels kInt8Avx2;
extern const Int8DepthwiseKernels kInt8DepthwiseAvx2;
extern const Int8Kernels kInt8Avx512Vnni;
#endif

}  // namespace burin::gemm
