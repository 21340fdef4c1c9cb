// AVX-512: up to 28 accumulators of sixteen lanes. Tiles of 7 and 14 rows divide the images of most networks (7, 14,
// 28, 56, 112 pixels wide).
#include <immintrin.h>

#include "gemm/f32_kernels.hpp"

namespace burin::gemm {

namespace {

struct Avx512 {
  using V = __m512;
  static constexpr int kLanes = 16, kVectors = 4, kDepthwisePixels3 = 7, kDepthwisePixels5 = 7;
  static constexpr int kPlaneWidths[] = {2, 3};
  static constexpr int kTileRows[kVectors] = {14, 14, 7, 6};

  static __mmask16 first(int64_t n) { return static_cast<__mmask16>((1u << n) - 1u); }
  static V load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, V v) { _mm512_storeu_ps(p, v); }
  static V load_first(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static void store_first(float* p, int64_t n, V v) { _mm512_mask_storeu_ps(p, first(n), v); }
  static V broadcast(float x) { return _mm512_set1_ps(x); }
  static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  static V add(V a, V b) { return _mm512_add_ps(a, b); }
  // The second operand is the result where one is NaN.
  static V clamp(V v, V min, V max) { return _mm512_min_ps(max, _mm512_max_ps(min, v)); }
};

#include "gemm/f32_kernels.inc.hpp"

constexpr auto kPanels = F32Panels<Avx512>::make();

}  // namespace

constinit const F32Kernels kF32Avx512 = {"f32_gemm_avx512", "f32_depthwise_avx512", "f32_row_tiles_avx512",
                                         Avx512::kLanes,    Avx512::kVectors,       Avx512::kTileRows,
                                         kPanels.functions, f32_depthwise<Avx512>};

}  // namespace burin::gemm
