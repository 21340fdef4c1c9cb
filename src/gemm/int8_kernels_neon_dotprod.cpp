// 64-bit Arm with dot products: sdot multiplies four codes of a row, one lane of its register, with four weights of
// each of four columns.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_neon.inc.hpp"

constexpr int kBlock = 4;  // terms of one sdot

struct Dotprod {
  static constexpr int kRows = 4, kColumns = 16;

  // Four terms, which lie in lane kLane of the codes.
  template <int kLane, int kRows, int kVectors>
  [[gnu::always_inline]] static void multiply(int32x4_t (&sums)[kRows][kVectors], const int8x16_t* codes,
                                              const int8_t*& weights) {
    int8x16_t w[kVectors];
    load_next<kVectors>(weights, w);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[r][v] = vdotq_laneq_s32(sums[r][v], w[v], codes[r], kLane);
    }
  }

  template <Output kOutput, int kRows, int kVectors>
  static inline void tile(const Int8Panel& p, int64_t row) {
    int32x4_t sums[kRows][kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int32x4_t start = vld1q_s32(p.start + 4 * v);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[r][v] = start;
    }
    const int8_t* b = reinterpret_cast<const int8_t*>(p.b);
    const int8_t* a[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) a[r] = reinterpret_cast<const int8_t*>(p.a) + (row + r) * p.a_stride;
    int64_t left = p.depth;
    for (; left >= 32; left -= 32) {
      int8x16_t codes[kRows], more[kRows];
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        codes[r] = vld1q_s8(a[r]);
        more[r] = vld1q_s8(a[r] + 16);
        a[r] = opaque(a[r] + 32);
      }
      multiply<0>(sums, codes, b);
      multiply<1>(sums, codes, b);
      multiply<2>(sums, codes, b);
      multiply<3>(sums, codes, b);
      multiply<0>(sums, more, b);
      multiply<1>(sums, more, b);
      multiply<2>(sums, more, b);
      multiply<3>(sums, more, b);
    }
    int8x16_t codes[kRows];
    if (left >= 16) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        codes[r] = vld1q_s8(a[r]);
        a[r] += 16;
      }
      multiply<0>(sums, codes, b);
      multiply<1>(sums, codes, b);
      multiply<2>(sums, codes, b);
      multiply<3>(sums, codes, b);
      left -= 16;
    }
    if (left >= 8) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        codes[r] = vcombine_s8(vld1_s8(a[r]), vdup_n_s8(0));
        a[r] += 8;
      }
      multiply<0>(sums, codes, b);
      multiply<1>(sums, codes, b);
      left -= 8;
    }
    for (; left > 0; left -= kBlock) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        int32_t four;
        __builtin_memcpy(&four, a[r], sizeof(four));
        codes[r] = vreinterpretq_s8_s32(vdupq_n_s32(four));
        a[r] += kBlock;
      }
      multiply<0>(sums, codes, b);
    }
    store_tile<kOutput, kRows, kVectors>(p, row, sums);
  }
};

int64_t panel_bytes(int64_t depth, int64_t columns) { return row_bytes<kBlock>(depth) * row_bytes<8>(columns); }

// [depth / 4][columns][4], zero where there is no weight.
void pack(const Int8Weights& w, std::byte* out) {
  const int64_t columns = row_bytes<8>(w.columns);
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  for (int64_t k = 0; k < w.depth; k += kBlock) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int64_t i = k; i < k + kBlock; ++i) {
        const bool valid = column < w.columns && i < w.depth;
        *packed++ = valid ? w.data[column * w.column_stride + i * w.k_stride] : int8_t{0};
      }
    }
  }
}

}  // namespace

constinit const Int8Kernels kInt8NeonDotprod = {
    .name = "int8_gemm_neon_dotprod",
    .columns = Dotprod::kColumns,
    .lanes = 8,
    .rows = Dotprod::kRows,
    .offset = 0,
    .plain_rows = true,
    .row_bytes = row_bytes<kBlock>,
    .prepare_rows = prepare_rows<kBlock>,
    .panel_bytes = panel_bytes,
    .pack = pack,
    .codes = panel<Dotprod, Output::kCodes>,
    .floats = panel<Dotprod, Output::kFloats>,
    .sums = panel<Dotprod, Output::kSums>,
};

}  // namespace burin::gemm
