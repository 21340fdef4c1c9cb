// NEON: products with a lane of the register that holds four terms of a row. Fused on 64-bit Arm; 32-bit Arm rounds the
// products too, as the portable variant.
#include <arm_neon.h>

#include "gemm/f32_kernels.hpp"

namespace burin::gemm {

namespace {

struct Neon {
  using V = float32x4_t;
  static constexpr bool kLaneProducts = true;
#if defined(__aarch64__)
  static constexpr int kLanes = 4, kVectors = 4, kDepthwisePixels3 = 7, kDepthwisePixels5 = 4;
  static constexpr int kTileRows[kVectors] = {8, 8, 6, 4};
  static constexpr int kPlaneWidths[] = {3, 4};
#else
  static constexpr int kLanes = 4, kVectors = 2, kDepthwisePixels3 = 4, kDepthwisePixels5 = 4;
  static constexpr int kTileRows[kVectors] = {6, 4};
#endif

  static V load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, V v) { vst1q_f32(p, v); }
  static V load_first(const float* p, int64_t n) {
    float all[4] = {};
    for (int64_t i = 0; i < n; ++i) all[i] = p[i];
    return vld1q_f32(all);
  }
  static void store_first(float* p, int64_t n, V v) {
    float all[4];
    vst1q_f32(all, v);
    for (int64_t i = 0; i < n; ++i) p[i] = all[i];
  }
  static V broadcast(float x) { return vdupq_n_f32(x); }
  static V add(V a, V b) { return vaddq_f32(a, b); }
  static V clamp(V v, V min, V max) { return vminq_f32(vmaxq_f32(v, min), max); }
#if defined(__aarch64__)
  static V fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
  template <int kLane>
  static V fma_lane(V a, V b, V c) {
    return vfmaq_laneq_f32(c, b, a, kLane);
  }
#else
  static V fma(V a, V b, V c) { return vmlaq_f32(c, a, b); }
  template <int kLane>
  static V fma_lane(V a, V b, V c) {
    return vmlaq_lane_f32(c, b, kLane < 2 ? vget_low_f32(a) : vget_high_f32(a), kLane % 2);
  }
#endif

  // The same address, of which the compiler knows nothing: it then steps pointers instead of computing them anew.
  static const float* opaque(const float* address) {
    __asm__ volatile("" : "+r"(address));
    return address;
  }

  // The term in lane kLane of the rows.
  template <int kLane, int kRows, int kVectors>
  [[gnu::always_inline]] static void add_term(const V* a, const float*& b, V (&sums)[kRows][kVectors]) {
    V weights[kVectors];
#if defined(__aarch64__)
    if constexpr (kVectors == 4) {
      const float32x4x4_t four = vld1q_f32_x4(b);
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) weights[v] = four.val[v];
    } else
#endif
    {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) weights[v] = vld1q_f32(b + 4 * v);
    }
    b = opaque(b + 4 * kVectors);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[r][v] = fma_lane<kLane>(a[r], weights[v], sums[r][v]);
    }
  }

  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void add_terms(const float* (&a)[kRows], int64_t terms, const float*& b,
                                               V (&sums)[kRows][kVectors]) {
    // Two registers of a row at a time where there are enough of them.
    if constexpr (kRows * (kVectors + 2) + kVectors <= 32 && kVectors == 4) {
      for (; terms >= 8; terms -= 8) {
        V first[kRows], second[kRows];
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          first[r] = vld1q_f32(a[r]);
          second[r] = vld1q_f32(a[r] + 4);
          a[r] = opaque(a[r] + 8);
        }
        add_term<0>(first, b, sums);
        add_term<1>(first, b, sums);
        add_term<2>(first, b, sums);
        add_term<3>(first, b, sums);
        add_term<0>(second, b, sums);
        add_term<1>(second, b, sums);
        add_term<2>(second, b, sums);
        add_term<3>(second, b, sums);
      }
    }
    for (; terms >= 4; terms -= 4) {
      V values[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        values[r] = vld1q_f32(a[r]);
        a[r] = opaque(a[r] + 4);
      }
      add_term<0>(values, b, sums);
      add_term<1>(values, b, sums);
      add_term<2>(values, b, sums);
      add_term<3>(values, b, sums);
    }
    for (; terms > 0; --terms) {
      V values[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) values[r] = vdupq_n_f32(*a[r]++);
      add_term<0>(values, b, sums);
    }
  }
};

#include "gemm/f32_kernels.inc.hpp"

#if defined(__aarch64__)
// Whole tiles of four rows of sixteen columns, in assembly, because compilers neither keep all sums in registers nor
// step the addresses by the loads: terms v0-v3 (the next four v4-v7), weights v8-v11, sums of row r v(16 + 4 r) to
// v(19 + 4 r).
// clang-format off
#define FMLA_ROW(s0, s1, s2, s3, term)                            \
  "fmla " #s0 ".4s, v8.4s, " term "\n"                            \
  "fmla " #s1 ".4s, v9.4s, " term "\n"                            \
  "fmla " #s2 ".4s, v10.4s, " term "\n"                           \
  "fmla " #s3 ".4s, v11.4s, " term "\n"
#define ADD_TERM(r0, r1, r2, r3, lane)                            \
  "ld1 {v8.4s, v9.4s, v10.4s, v11.4s}, [%[b]], #64\n"             \
  FMLA_ROW(v16, v17, v18, v19, #r0 ".s[" #lane "]")               \
  FMLA_ROW(v20, v21, v22, v23, #r1 ".s[" #lane "]")               \
  FMLA_ROW(v24, v25, v26, v27, #r2 ".s[" #lane "]")               \
  FMLA_ROW(v28, v29, v30, v31, #r3 ".s[" #lane "]")
#define ADD_FOUR(r0, r1, r2, r3)                                  \
  ADD_TERM(r0, r1, r2, r3, 0) ADD_TERM(r0, r1, r2, r3, 1) ADD_TERM(r0, r1, r2, r3, 2) ADD_TERM(r0, r1, r2, r3, 3)
#define CLAMP_ROW(s0, s1, s2, s3)                                 \
  "fmax " #s0 ".4s, " #s0 ".4s, v0.4s\n" "fmax " #s1 ".4s, " #s1 ".4s, v0.4s\n" \
  "fmax " #s2 ".4s, " #s2 ".4s, v0.4s\n" "fmax " #s3 ".4s, " #s3 ".4s, v0.4s\n" \
  "fmin " #s0 ".4s, " #s0 ".4s, v1.4s\n" "fmin " #s1 ".4s, " #s1 ".4s, v1.4s\n" \
  "fmin " #s2 ".4s, " #s2 ".4s, v1.4s\n" "fmin " #s3 ".4s, " #s3 ".4s, v1.4s\n"
#define ADDEND_ROW(s0, s1, s2, s3)                                \
  "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[addend]], %[addend_step]\n" \
  "fadd " #s0 ".4s, " #s0 ".4s, v0.4s\n" "fadd " #s1 ".4s, " #s1 ".4s, v1.4s\n" \
  "fadd " #s2 ".4s, " #s2 ".4s, v2.4s\n" "fadd " #s3 ".4s, " #s3 ".4s, v3.4s\n"
#define ROWS(row) row(v16, v17, v18, v19) row(v20, v21, v22, v23) row(v24, v25, v26, v27) row(v28, v29, v30, v31)

#define STORE_ROW(s0, s1, s2, s3)                                 \
  "st1 {" #s0 ".4s, " #s1 ".4s, " #s2 ".4s, " #s3 ".4s}, [%[c]], %[c_step]\n"
#define STORE_ROW_OF_RUN(s0, s1, s2, s3)                          \
  STORE_ROW(s0, s1, s2, s3)                                       \
  "subs %[run_left], %[run_left], #1\n"                           \
  "b.ne 11f\n"                                                    \
  "mov %[run_left], %[run]\n"                                     \
  "add %[c], %[c], %[gap]\n"                                      \
  "11:\n"

// A panel with terms of whole blocks, whose sums are not clamped again: `tiles` tiles.
void run_tiles(const F32Panel& p, int64_t tiles) {
  const int64_t terms = p.block_stride == p.k_block ? p.k : p.k_block;
  const int64_t all_blocks = p.k / terms;
  const float *a0 = p.a, *a1 = a0 + p.a_stride, *a2 = a1 + p.a_stride, *a3 = a2 + p.a_stride, *addend = p.addend, *b;
  float* c = p.c;
  const int64_t block_step = 4 * (p.block_stride - terms);
  const int64_t tile_step = 4 * (4 * p.a_stride - all_blocks * p.block_stride);
  constexpr float kInfinity = __builtin_inff();
  const int64_t end =
      (p.min == -kInfinity && p.max == kInfinity ? 1 : 0) | (addend == nullptr ? 2 : 0) | (p.run < p.rows ? 4 : 0);
  int64_t left, blocks, run_left = p.run;
  __asm__ volatile(
      "1:\n"
      "ld1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[bias]]\n"
      "ld1 {v20.4s, v21.4s, v22.4s, v23.4s}, [%[bias]]\n"
      "ld1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[bias]]\n"
      "ld1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[bias]]\n"
      "mov %[b], %[weights]\n"
      "mov %[blocks], %[all_blocks]\n"
      "2:\n"
      "subs %[left], %[terms], #8\n"
      "b.lo 4f\n"
      "3:\n"
      "ldp q0, q4, [%[a0]], #32\n"
      "ldp q1, q5, [%[a1]], #32\n"
      "ldp q2, q6, [%[a2]], #32\n"
      "ldp q3, q7, [%[a3]], #32\n"
      ADD_FOUR(v0, v1, v2, v3)
      ADD_FOUR(v4, v5, v6, v7)
      "subs %[left], %[left], #8\n"
      "b.hs 3b\n"
      "4:\n"
      "tbz %[left], #2, 5f\n"
      "ldr q0, [%[a0]], #16\n"
      "ldr q1, [%[a1]], #16\n"
      "ldr q2, [%[a2]], #16\n"
      "ldr q3, [%[a3]], #16\n"
      ADD_FOUR(v0, v1, v2, v3)
      "5:\n"
      "ands %[left], %[left], #3\n"
      "b.eq 7f\n"
      "6:\n"
      "ldr s0, [%[a0]], #4\n"
      "ldr s1, [%[a1]], #4\n"
      "ldr s2, [%[a2]], #4\n"
      "ldr s3, [%[a3]], #4\n"
      ADD_TERM(v0, v1, v2, v3, 0)
      "subs %[left], %[left], #1\n"
      "b.ne 6b\n"
      "7:\n"
      "subs %[blocks], %[blocks], #1\n"
      "b.eq 8f\n"
      "add %[a0], %[a0], %[block_step]\n" "add %[a1], %[a1], %[block_step]\n"
      "add %[a2], %[a2], %[block_step]\n" "add %[a3], %[a3], %[block_step]\n"
      "b 2b\n"
      "8:\n"
      "tbnz %[end], #0, 9f\n"
      "dup v0.4s, %w[min]\n"
      "dup v1.4s, %w[max]\n"
      ROWS(CLAMP_ROW)
      "9:\n"
      "tbnz %[end], #1, 10f\n"
      ROWS(ADDEND_ROW)
      "10:\n"
      "tbnz %[end], #2, 12f\n"
      ROWS(STORE_ROW)
      "b 13f\n"
      "12:\n"
      ROWS(STORE_ROW_OF_RUN)
      "13:\n"
      "add %[a0], %[a0], %[tile_step]\n" "add %[a1], %[a1], %[tile_step]\n"
      "add %[a2], %[a2], %[tile_step]\n" "add %[a3], %[a3], %[tile_step]\n"
      "subs %[tiles], %[tiles], #1\n"
      "b.ne 1b\n"
      : [a0] "+&r"(a0), [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3), [addend] "+&r"(addend), [c] "+&r"(c),
        [tiles] "+&r"(tiles), [b] "=&r"(b), [left] "=&r"(left), [blocks] "=&r"(blocks), [run_left] "+&r"(run_left)
      : [bias] "r"(p.bias), [weights] "r"(p.b), [all_blocks] "r"(all_blocks), [terms] "r"(terms),
        [block_step] "r"(block_step), [tile_step] "r"(tile_step + 4 * (p.block_stride - terms)), [end] "r"(end),
        [min] "r"(__builtin_bit_cast(int32_t, p.min)),
        [max] "r"(__builtin_bit_cast(int32_t, p.max)), [addend_step] "r"(4 * p.addend_stride), [c_step] "r"(4 * p.c_stride),
        [run] "r"(p.run), [gap] "r"(4 * p.gap)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v16", "v17", "v18", "v19", "v20",
        "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}
#undef FMLA_ROW
#undef ADD_TERM
#undef ADD_FOUR
#undef CLAMP_ROW
#undef ADDEND_ROW
#undef ROWS
#undef STORE_ROW
#undef STORE_ROW_OF_RUN
// clang-format on

void sixteen_columns(const F32Panel& p) {
  constexpr float kInfinity = __builtin_inff();
  const bool added = p.addend == nullptr || (p.sum_min == -kInfinity && p.sum_max == kInfinity);
  const bool whole_blocks = p.block_stride == p.k_block || p.k % p.k_block == 0;
  if (p.columns != 16 || p.bias == nullptr || !added || !whole_blocks || p.rows < 4) return f32_panel<Neon, 4>(p);
  run_tiles(p, p.rows / 4);
  // The rows behind the last tile, by runs.
  F32Panel part = p;
  for (int64_t row = p.rows / 4 * 4; row < p.rows; row += part.rows) {
    const int64_t left = p.rows - row, left_of_run = p.run - row % p.run;
    part.rows = part.run = left < left_of_run ? left : left_of_run;
    part.a = p.a + row * p.a_stride;
    part.c = p.c + row * p.c_stride + row / p.run * p.gap;
    if (p.addend != nullptr) part.addend = p.addend + row * p.addend_stride;
    f32_panel<Neon, 4>(part);
  }
}

constexpr auto make_panels() {
  auto panels = F32Panels<Neon>::make();
  panels.functions[3] = sixteen_columns;
  return panels;
}
constexpr auto kPanels = make_panels();
#else
constexpr auto kPanels = F32Panels<Neon>::make();
#endif

}  // namespace

constinit const F32Kernels kF32Neon = {"f32_gemm_neon",   "f32_depthwise_neon", "f32_row_tiles_neon",
                                       Neon::kLanes,      Neon::kVectors,       Neon::kTileRows,
                                       kPanels.functions, f32_depthwise<Neon>};

}  // namespace burin::gemm
