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

constexpr auto kPanels = F32Panels<Neon>::make();

}  // namespace

constinit const F32Kernels kF32Neon = {"f32_gemm_neon",   "f32_depthwise_neon", "f32_row_tiles_neon",
                                       Neon::kLanes,      Neon::kVectors,       Neon::kTileRows,
                                       kPanels.functions, f32_depthwise<Neon>};

}  // namespace burin::gemm
