// NEON without dot products, 64-bit and 32-bit Arm.
//
// Products of bytes are added in 16 bits, pairs of those then in 32. A register of weights holds two terms (k, k + 1)
// of four columns in each half, and one of codes those two codes of a row eight times, which one load spreads (ld4r:
// eight codes, four registers). The sum of n products with weights w and any codes fits 16 bits where the absolute
// weights sum up to 255, so that packing decides for every block of eight terms and four columns whether four products
// are added before they are widened, or two, or none.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_neon.inc.hpp"

constexpr int kBlock = 8;  // terms of a block
// Kinds of blocks. Below kOne: bit v says that of the columns 4 v to 4 v + 3 only two products may be added in 16 bits,
// not four; kOne: none; kHalf: the last four terms are zeros, two products may be added; kTwoOfFour: two blocks, the
// most frequent kind, which saves a jump (of sixteen columns).
constexpr uint8_t kFour = 0, kOne = 16, kHalf = 18, kTwoOfFour = 19, kEnd = 21;

#if defined(__aarch64__)
using Codes = int8x16_t;
inline int16x8_t multiply_low(int8x16_t w, Codes a) { return vmull_s8(vget_low_s8(w), vget_low_s8(a)); }
inline int16x8_t multiply_high(int8x16_t w, Codes a) { return vmull_high_s8(w, a); }
inline int16x8_t multiply_add_low(int16x8_t sum, int8x16_t w, Codes a) {
  return vmlal_s8(sum, vget_low_s8(w), vget_low_s8(a));
}
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t w, Codes a) { return vmlal_high_s8(sum, w, a); }
inline void load_codes(const int8_t* a, Codes* codes) {
  const int16x8x4_t spread = vld4q_dup_s16(reinterpret_cast<const int16_t*>(a));
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) codes[i] = vreinterpretq_s8_s16(spread.val[i]);
}
#else
using Codes = int8x8_t;
inline int16x8_t multiply_low(int8x16_t w, Codes a) { return vmull_s8(vget_low_s8(w), a); }
inline int16x8_t multiply_high(int8x16_t w, Codes a) { return vmull_s8(vget_high_s8(w), a); }
inline int16x8_t multiply_add_low(int16x8_t sum, int8x16_t w, Codes a) { return vmlal_s8(sum, vget_low_s8(w), a); }
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t w, Codes a) { return vmlal_s8(sum, vget_high_s8(w), a); }
inline void load_codes(const int8_t* a, Codes* codes) {
  const int16x4_t eight = vreinterpret_s16_s8(vld1_s8(a));
  codes[0] = vreinterpret_s8_s16(vdup_lane_s16(eight, 0));
  codes[1] = vreinterpret_s8_s16(vdup_lane_s16(eight, 1));
  codes[2] = vreinterpret_s8_s16(vdup_lane_s16(eight, 2));
  codes[3] = vreinterpret_s8_s16(vdup_lane_s16(eight, 3));
}
#endif

int64_t weight_bytes(int64_t depth, int64_t columns) { return row_bytes<kBlock>(depth) * row_bytes<8>(columns); }

// Adds one block of eight terms. The weights of pair i and columns 8 j .. 8 j + 7 are w[i][j].
template <int kTerms, int kRows, int kVectors>
[[gnu::always_inline]] inline void add_block(int32x4_t (&sums)[kRows][kVectors], const int8_t** a, const int8_t*& b) {
  constexpr int kHalves = kVectors / 2;
  int8x16_t w[4][kHalves];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i += 4 / kHalves) load_next<4>(b, &w[i][0]);
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    Codes codes[4];
    load_codes(a[r], codes);
    a[r] = opaque(a[r] + kBlock);
#pragma GCC unroll 4
    for (int first = 0; first < 4; first += kTerms) {
#pragma GCC unroll 2
      for (int j = 0; j < kHalves; ++j) {
        int16x8_t low = multiply_low(w[first][j], codes[first]);
        int16x8_t high = multiply_high(w[first][j], codes[first]);
#pragma GCC unroll 4
        for (int i = first + 1; i < first + kTerms; ++i) {
          low = multiply_add_low(low, w[i][j], codes[i]);
          high = multiply_add_high(high, w[i][j], codes[i]);
        }
        sums[r][2 * j] = vpadalq_s16(sums[r][2 * j], low);
        sums[r][2 * j + 1] = vpadalq_s16(sums[r][2 * j + 1], high);
      }
    }
  }
}

#if defined(__aarch64__)
// Weights of a block v0-v7, codes of a row v8-v11, products v12-v15. The code of each kind of block, 512 bytes from
// that of the kind before, ends with the jump to the next block's.
// clang-format off
#define MULTIPLY(op, w0, w1, codes)                                     \
  #op " v12.8h, " #w0 ".8b, " #codes ".8b\n"                            \
  #op "2 v13.8h, " #w0 ".16b, " #codes ".16b\n"                         \
  #op " v14.8h, " #w1 ".8b, " #codes ".8b\n"                            \
  #op "2 v15.8h, " #w1 ".16b, " #codes ".16b\n"
#define WIDEN(s0, s1, s2, s3)                                           \
  "sadalp " #s0 ".4s, v12.8h\n" "sadalp " #s1 ".4s, v13.8h\n"           \
  "sadalp " #s2 ".4s, v14.8h\n" "sadalp " #s3 ".4s, v15.8h\n"
#define SPREAD(a) "ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[" #a "]], #8\n"
// The third product of a register: with the two before (0), or after they are widened (1).
#define THIRD0(sum, product, high, w, codes) "smlal" high " " product ".8h, " w ", " codes "\n"
#define THIRD1(sum, product, high, w, codes)                            \
  "sadalp " #sum ".4s, " product ".8h\n"                                \
  "smull" high " " product ".8h, " w ", " codes "\n"
#define ROW(a, s0, s1, s2, s3, t0, t1, t2, t3)                          \
  SPREAD(a) MULTIPLY(smull, v0, v1, v8) MULTIPLY(smlal, v2, v3, v9)     \
  THIRD##t0(s0, "v12", "", "v4.8b", "v10.8b")                           \
  THIRD##t1(s1, "v13", "2", "v4.16b", "v10.16b")                        \
  THIRD##t2(s2, "v14", "", "v5.8b", "v10.8b")                           \
  THIRD##t3(s3, "v15", "2", "v5.16b", "v10.16b")                        \
  MULTIPLY(smlal, v6, v7, v11) WIDEN(s0, s1, s2, s3)
#define ROW_OF_ONE(a, s0, s1, s2, s3)                                   \
  SPREAD(a)                                                             \
  MULTIPLY(smull, v0, v1, v8) WIDEN(s0, s1, s2, s3) MULTIPLY(smull, v2, v3, v9) WIDEN(s0, s1, s2, s3) \
  MULTIPLY(smull, v4, v5, v10) WIDEN(s0, s1, s2, s3) MULTIPLY(smull, v6, v7, v11) WIDEN(s0, s1, s2, s3)
#define NEXT_BLOCK "ldrb w9, [%[run]], #1\n" "add x9, %[base], x9, lsl #9\n" "br x9\n"
#define LOAD_WEIGHTS                                                    \
  "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[b]], #64\n"                 \
  "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[b]], #64\n"
#define BLOCK(t3, t2, t1, t0)                                           \
  ".balign 512\n"                                                       \
  LOAD_WEIGHTS                                                          \
  ROW(a0, v16, v17, v18, v19, t0, t1, t2, t3) ROW(a1, v20, v21, v22, v23, t0, t1, t2, t3) \
  ROW(a2, v24, v25, v26, v27, t0, t1, t2, t3) ROW(a3, v28, v29, v30, v31, t0, t1, t2, t3) \
  NEXT_BLOCK
#define BLOCK_OF_ONE                                                    \
  ".balign 512\n"                                                       \
  LOAD_WEIGHTS                                                          \
  ROW_OF_ONE(a0, v16, v17, v18, v19) ROW_OF_ONE(a1, v20, v21, v22, v23) \
  ROW_OF_ONE(a2, v24, v25, v26, v27) ROW_OF_ONE(a3, v28, v29, v30, v31) \
  NEXT_BLOCK
#define ROW_OF_HALF(a, s0, s1, s2, s3)                                  \
  SPREAD(a) MULTIPLY(smull, v0, v1, v8) MULTIPLY(smlal, v2, v3, v9) WIDEN(s0, s1, s2, s3)
#define BLOCK_OF_HALF                                                   \
  ".balign 512\n"                                                       \
  "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[b]], #64\n"                 \
  ROW_OF_HALF(a0, v16, v17, v18, v19) ROW_OF_HALF(a1, v20, v21, v22, v23) \
  ROW_OF_HALF(a2, v24, v25, v26, v27) ROW_OF_HALF(a3, v28, v29, v30, v31) \
  NEXT_BLOCK
#define ROWS_OF_FOUR                                                    \
  LOAD_WEIGHTS                                                          \
  ROW(a0, v16, v17, v18, v19, 0, 0, 0, 0) ROW(a1, v20, v21, v22, v23, 0, 0, 0, 0) \
  ROW(a2, v24, v25, v26, v27, 0, 0, 0, 0) ROW(a3, v28, v29, v30, v31, 0, 0, 0, 0)
#define ADD_TERMS                                                       \
  "mov %[run], %[runs]\n"                                               \
  NEXT_BLOCK                                                            \
  ".balign 512\n"                                                       \
  "2:\n"                                                                \
  BLOCK(0, 0, 0, 0) BLOCK(0, 0, 0, 1) BLOCK(0, 0, 1, 0) BLOCK(0, 0, 1, 1) \
  BLOCK(0, 1, 0, 0) BLOCK(0, 1, 0, 1) BLOCK(0, 1, 1, 0) BLOCK(0, 1, 1, 1) \
  BLOCK(1, 0, 0, 0) BLOCK(1, 0, 0, 1) BLOCK(1, 0, 1, 0) BLOCK(1, 0, 1, 1) \
  BLOCK(1, 1, 0, 0) BLOCK(1, 1, 0, 1) BLOCK(1, 1, 1, 0) BLOCK(1, 1, 1, 1) \
  BLOCK_OF_ONE BLOCK_OF_HALF                                            \
  ".balign 512\n" ROWS_OF_FOUR ROWS_OF_FOUR NEXT_BLOCK                  \
  ".balign 512\n"

// One row of sixteen columns: sums v16-v19, the code of a kind in 128 bytes.
#define NEXT_BLOCK_OF_ROW "ldrb w9, [%[run]], #1\n" "add x9, %[base], x9, lsl #7\n" "br x9\n"
#define BLOCK_OF_ROW(t3, t2, t1, t0)                                    \
  ".balign 128\n"                                                       \
  LOAD_WEIGHTS ROW(a0, v16, v17, v18, v19, t0, t1, t2, t3) NEXT_BLOCK_OF_ROW

[[gnu::noinline]] void sum_row(const int8_t* a0, const int8_t* b, const uint8_t* run, const int32_t* start,
                               int32x4_t (&sums)[1][4]) {
  const uint8_t* base;
  __asm__ volatile(
      "ld1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[start]]\n"
      "adr %[base], 2f\n"
      NEXT_BLOCK_OF_ROW
      ".balign 128\n"
      "2:\n"
      BLOCK_OF_ROW(0, 0, 0, 0) BLOCK_OF_ROW(0, 0, 0, 1) BLOCK_OF_ROW(0, 0, 1, 0) BLOCK_OF_ROW(0, 0, 1, 1)
      BLOCK_OF_ROW(0, 1, 0, 0) BLOCK_OF_ROW(0, 1, 0, 1) BLOCK_OF_ROW(0, 1, 1, 0) BLOCK_OF_ROW(0, 1, 1, 1)
      BLOCK_OF_ROW(1, 0, 0, 0) BLOCK_OF_ROW(1, 0, 0, 1) BLOCK_OF_ROW(1, 0, 1, 0) BLOCK_OF_ROW(1, 0, 1, 1)
      BLOCK_OF_ROW(1, 1, 0, 0) BLOCK_OF_ROW(1, 1, 0, 1) BLOCK_OF_ROW(1, 1, 1, 0) BLOCK_OF_ROW(1, 1, 1, 1)
      ".balign 128\n"
      LOAD_WEIGHTS ROW_OF_ONE(a0, v16, v17, v18, v19) NEXT_BLOCK_OF_ROW
      ".balign 128\n"
      LOAD_WEIGHTS ROW_OF_HALF(a0, v16, v17, v18, v19) NEXT_BLOCK_OF_ROW
      ".balign 128\n"
      LOAD_WEIGHTS ROW(a0, v16, v17, v18, v19, 0, 0, 0, 0)
      LOAD_WEIGHTS ROW(a0, v16, v17, v18, v19, 0, 0, 0, 0) NEXT_BLOCK_OF_ROW
      ".balign 128\n"
      "st1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[sums]]\n"
      : [a0] "+&r"(a0), [b] "+&r"(b), [run] "+&r"(run), [base] "=&r"(base)
      : [start] "r"(start), [sums] "r"(&sums)
      : "x9", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
        "v16", "v17", "v18", "v19", "cc", "memory");
}

// Eight columns: weights v0-v3, products v12 and v13, sums v16-v23.
#define MULTIPLY8(op, w, codes)                                         \
  #op " v12.8h, " #w ".8b, " #codes ".8b\n"                             \
  #op "2 v13.8h, " #w ".16b, " #codes ".16b\n"
#define WIDEN8(s0, s1) "sadalp " #s0 ".4s, v12.8h\n" "sadalp " #s1 ".4s, v13.8h\n"
#define ROW8_OF_FOUR(a, s0, s1)                                         \
  SPREAD(a) MULTIPLY8(smull, v0, v8) MULTIPLY8(smlal, v1, v9)           \
  MULTIPLY8(smlal, v2, v10) MULTIPLY8(smlal, v3, v11) WIDEN8(s0, s1)
#define ROW8_OF_TWO(a, s0, s1)                                          \
  SPREAD(a) MULTIPLY8(smull, v0, v8) MULTIPLY8(smlal, v1, v9) WIDEN8(s0, s1) \
  MULTIPLY8(smull, v2, v10) MULTIPLY8(smlal, v3, v11) WIDEN8(s0, s1)
#define ROW8_OF_ONE(a, s0, s1)                                          \
  SPREAD(a) MULTIPLY8(smull, v0, v8) WIDEN8(s0, s1) MULTIPLY8(smull, v1, v9) WIDEN8(s0, s1) \
  MULTIPLY8(smull, v2, v10) WIDEN8(s0, s1) MULTIPLY8(smull, v3, v11) WIDEN8(s0, s1)
#define BLOCK8(row)                                                     \
  "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[b]], #64\n"                 \
  row(a0, v16, v17) row(a1, v18, v19) row(a2, v20, v21) row(a3, v22, v23) \
  "b 1b\n"

template <int kRows>
[[gnu::always_inline]] inline void sum_eight_columns(const int8_t* const* a, const int8_t* b, const uint8_t* run,
                                                     const int32_t* start, int32x4_t (&sums)[kRows][2]) {
  // Of three rows the last one is summed twice.
  const int8_t *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[kRows - 1];
  register int32x4_t s0 __asm__("v16"), s1 __asm__("v17"), s2 __asm__("v18"), s3 __asm__("v19"), s4 __asm__("v20"),
      s5 __asm__("v21"), s6 __asm__("v22"), s7 __asm__("v23");
  __asm__ volatile(
      "ld1 {v16.4s, v17.4s}, [%[start]]\n"
      "ld1 {v18.4s, v19.4s}, [%[start]]\n"
      "ld1 {v20.4s, v21.4s}, [%[start]]\n"
      "ld1 {v22.4s, v23.4s}, [%[start]]\n"
      "1:\n"
      "ldrb w9, [%[run]], #1\n"
      "cbz w9, 2f\n"
      "cmp w9, %[one]\n"
      "b.eq 4f\n"
      "cmp w9, %[end]\n"
      "b.ne 3f\n"
      "b 5f\n"
      "2:\n" BLOCK8(ROW8_OF_FOUR)
      "3:\n" BLOCK8(ROW8_OF_TWO)
      "4:\n" BLOCK8(ROW8_OF_ONE)
      "5:\n"
      : "=w"(s0), "=w"(s1), "=w"(s2), "=w"(s3), "=w"(s4), "=w"(s5), "=w"(s6), "=w"(s7), [a0] "+&r"(a0), [a1] "+&r"(a1),
        [a2] "+&r"(a2), [a3] "+&r"(a3), [b] "+&r"(b), [run] "+&r"(run)
      : [start] "r"(start), [one] "i"(kOne), [end] "i"(kEnd)
      : "x9", "v0", "v1", "v2", "v3", "v8", "v9", "v10", "v11", "v12", "v13", "cc", "memory");
  const int32x4_t all[4][2] = {{s0, s1}, {s2, s3}, {s4, s5}, {s6, s7}};
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) sums[r][0] = all[r][0], sums[r][1] = all[r][1];
}
// clang-format on
#endif

struct Neon {
#if defined(__aarch64__)
  static constexpr int kRows = 4, kColumns = 16;
#else
  static constexpr int kRows = 4, kColumns = 8;
#endif

#if defined(__aarch64__)
  static void run_tiles(const Int8Panel& p, const TileRun& t) {
    const int8_t *a0 = t.a, *a1 = a0 + p.a_stride, *a2 = a1 + p.a_stride, *a3 = a2 + p.a_stride, *b;
    const std::byte *run, *base;
    void* c = t.c;
    int64_t tiles = t.tiles;
    __asm__ volatile("adr %[base], 2f\n" START_TILE ADD_TERMS END_TILE
                     : TILE_OUTPUTS(t), [run] "=&r"(run), [base] "=&r"(base)
                     : TILE_INPUTS(p, t, row_bytes<kBlock>(p.depth)), [runs] "r"(p.b + weight_bytes(p.depth, 16))
                     : "x9", TILE_CLOBBERS);
  }
#endif

  template <Output kOutput, int kRows, int kVectors>
  static inline void tile(const Int8Panel& p, int64_t row) {
    int32x4_t sums[kRows][kVectors];
    const int8_t* b = reinterpret_cast<const int8_t*>(p.b);
    const int8_t* a[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) a[r] = reinterpret_cast<const int8_t*>(p.a) + (row + r) * p.a_stride;
    const uint8_t* kind = reinterpret_cast<const uint8_t*>(p.b) + weight_bytes(p.depth, 4 * kVectors);
#if defined(__aarch64__)
    if constexpr (kRows == 1 && kVectors == 4) {
      sum_row(a[0], b, kind, p.start, sums);
      return store_tile<kOutput, kRows, kVectors>(p, row, sums);
    }
    if constexpr (kRows > 2 && kVectors == 2) {
      sum_eight_columns<kRows>(a, b, kind, p.start, sums);
      return store_tile<kOutput, kRows, kVectors>(p, row, sums);
    }
#endif
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int32x4_t start = vld1q_s32(p.start + 4 * v);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[r][v] = start;
    }
    for (; *kind != kEnd; ++kind) {
      if (*kind == kFour || *kind == kTwoOfFour) {
        add_block<4>(sums, a, b);
        if (*kind == kTwoOfFour) add_block<4>(sums, a, b);
      } else if (*kind < kOne || *kind == kHalf) {
        add_block<2>(sums, a, b);
      } else {
        add_block<1>(sums, a, b);
      }
    }
    store_tile<kOutput, kRows, kVectors>(p, row, sums);
  }
};

// The weights, then the kind of each block, and kEnd.
int64_t panel_bytes(int64_t depth, int64_t columns) {
  return weight_bytes(depth, columns) + row_bytes<16>(row_bytes<kBlock>(depth) / kBlock + 1);
}

int8_t weight_or_zero(const Int8Weights& w, int64_t column, int64_t k) {
  return column < w.columns && k < w.depth ? w.data[column * w.column_stride + k * w.k_stride] : int8_t{0};
}

uint8_t kind_of_block(const Int8Weights& w, int64_t k) {
  int kind = kFour;
  bool half = k + kBlock >= w.depth;
  for (int64_t column = 0; column < w.columns; ++column) {
    for (int64_t parity = 0; parity < 2; ++parity) {
      int size[4];
      for (int64_t i = 0; i < 4; ++i) {
        const int weight = weight_or_zero(w, column, k + 2 * i + parity);
        size[i] = weight < 0 ? -weight : weight;
      }
      if (size[0] + size[1] > 255 || size[2] + size[3] > 255) return kOne;
      if (size[2] + size[3] != 0) half = false;
      if (size[0] + size[1] + size[2] + size[3] > 255) kind |= 1 << column / 4;
    }
  }
  return half ? kHalf : static_cast<uint8_t>(kind);
}

void pack(const Int8Weights& w, std::byte* out) {
  const int64_t columns = row_bytes<8>(w.columns);
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  uint8_t* kinds = reinterpret_cast<uint8_t*>(out) + weight_bytes(w.depth, w.columns);
  for (int64_t k = 0; k < w.depth; k += kBlock) {
    for (int64_t pair = k; pair < k + kBlock; pair += 2) {
      for (int64_t column = 0; column < columns; ++column) {
        *packed++ = weight_or_zero(w, column, pair);
        *packed++ = weight_or_zero(w, column, pair + 1);
      }
    }
    *kinds = kind_of_block(w, k);
    if (columns == 16 && k > 0 && kinds[0] == kFour && kinds[-1] == kFour) {
      kinds[-1] = kTwoOfFour;
    } else {
      ++kinds;
    }
  }
  *kinds = kEnd;
}

}  // namespace

constinit const Int8Kernels kInt8Neon = {
    .name = "int8_gemm_neon",
    .columns = Neon::kColumns,
    .lanes = 8,
    .rows = Neon::kRows,
    .offset = 0,
    .takes_narrow = true,
    .plain_rows = true,
    .row_bytes = row_bytes<kBlock>,
    .prepare_rows = prepare_rows<kBlock>,
    .panel_bytes = panel_bytes,
    .pack = pack,
    .codes = panel<Neon, Output::kCodes>,
    .floats = panel<Neon, Output::kFloats>,
    .sums = panel<Neon, Output::kSums>,
};

}  // namespace burin::gemm
