// 64-bit Arm with dot products: sdot multiplies four codes of a row, one lane of its register, with four weights of
// each of four columns.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_neon.inc.hpp"

constexpr int kBlock = 4;  // terms of one sdot

// Codes of sixteen terms v0-v3, of the next sixteen v4-v7, weights of four terms v8-v11. `left`: terms, a multiple of
// four.
// clang-format off
#define SDOT_ROW(s0, s1, s2, s3, codes)                           \
  "sdot " #s0 ".4s, v8.16b, " codes "\n"                          \
  "sdot " #s1 ".4s, v9.16b, " codes "\n"                          \
  "sdot " #s2 ".4s, v10.16b, " codes "\n"                         \
  "sdot " #s3 ".4s, v11.16b, " codes "\n"
#define SDOT_TERMS(r0, r1, r2, r3, lane)                          \
  "ld1 {v8.16b, v9.16b, v10.16b, v11.16b}, [%[b]], #64\n"         \
  SDOT_ROW(v16, v17, v18, v19, #r0 ".4b[" #lane "]")              \
  SDOT_ROW(v20, v21, v22, v23, #r1 ".4b[" #lane "]")              \
  SDOT_ROW(v24, v25, v26, v27, #r2 ".4b[" #lane "]")              \
  SDOT_ROW(v28, v29, v30, v31, #r3 ".4b[" #lane "]")
#define ADD_TERMS                                                 \
  "mov %[left], %[depth]\n"                                       \
  "subs %[left], %[left], #32\n"                                  \
  "b.lo 3f\n"                                                     \
  "2:\n"                                                          \
  "ldp q0, q4, [%[a0]], #32\n"                                    \
  "ldp q1, q5, [%[a1]], #32\n"                                    \
  "ldp q2, q6, [%[a2]], #32\n"                                    \
  "ldp q3, q7, [%[a3]], #32\n"                                    \
  SDOT_TERMS(v0, v1, v2, v3, 0) SDOT_TERMS(v0, v1, v2, v3, 1)     \
  SDOT_TERMS(v0, v1, v2, v3, 2) SDOT_TERMS(v0, v1, v2, v3, 3)     \
  SDOT_TERMS(v4, v5, v6, v7, 0) SDOT_TERMS(v4, v5, v6, v7, 1)     \
  SDOT_TERMS(v4, v5, v6, v7, 2) SDOT_TERMS(v4, v5, v6, v7, 3)     \
  "subs %[left], %[left], #32\n"                                  \
  "b.hs 2b\n"                                                     \
  "3:\n"                                                          \
  "tbz %[left], #4, 4f\n"                                         \
  "ldr q0, [%[a0]], #16\n" "ldr q1, [%[a1]], #16\n"               \
  "ldr q2, [%[a2]], #16\n" "ldr q3, [%[a3]], #16\n"               \
  SDOT_TERMS(v0, v1, v2, v3, 0) SDOT_TERMS(v0, v1, v2, v3, 1)     \
  SDOT_TERMS(v0, v1, v2, v3, 2) SDOT_TERMS(v0, v1, v2, v3, 3)     \
  "4:\n"                                                          \
  "tbz %[left], #3, 5f\n"                                         \
  "ldr d0, [%[a0]], #8\n" "ldr d1, [%[a1]], #8\n"                 \
  "ldr d2, [%[a2]], #8\n" "ldr d3, [%[a3]], #8\n"                 \
  SDOT_TERMS(v0, v1, v2, v3, 0) SDOT_TERMS(v0, v1, v2, v3, 1)     \
  "5:\n"                                                          \
  "tbz %[left], #2, 6f\n"                                         \
  "ldr s0, [%[a0]], #4\n" "ldr s1, [%[a1]], #4\n"                 \
  "ldr s2, [%[a2]], #4\n" "ldr s3, [%[a3]], #4\n"                 \
  SDOT_TERMS(v0, v1, v2, v3, 0)                                   \
  "6:\n"
// clang-format on

struct Dotprod {
  static constexpr int kRows = 4, kColumns = 16;

  static void run_tiles(const Int8Panel& p, const TileRun& t) {
    const int64_t depth = row_bytes<kBlock>(p.depth);
    const int8_t *a0 = t.a, *a1 = a0 + p.a_stride, *a2 = a1 + p.a_stride, *a3 = a2 + p.a_stride, *b;
    void* c = t.c;
    int64_t tiles = t.tiles, left;
    __asm__ volatile(START_TILE ADD_TERMS END_TILE
                     : TILE_OUTPUTS(t), [left] "=&r"(left)
                     : TILE_INPUTS(p, t, depth), [depth] "r"(depth)
                     : TILE_CLOBBERS);
  }

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
    .takes_narrow = true,
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
