// AVX2 with FMA: 12 accumulators of eight lanes; two fused multiply-adds of latency four at once want eight.
#include <immintrin.h>

#include "gemm/f32_kernels.hpp"

namespace burin::gemm {

namespace {

struct Avx2 {
  using V = __m256;
  static constexpr int kLanes = 8, kVectors = 3, kDepthwisePixels3 = 4, kDepthwisePixels5 = 7;
  static constexpr int kPlaneWidths[] = {2, 3};
  static constexpr int kTileRows[kVectors] = {8, 6, 4};

  static __m256i first(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static V load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, V v) { _mm256_storeu_ps(p, v); }
  static V load_first(const float* p, int64_t n) { return _mm256_maskload_ps(p, first(n)); }
  static void store_first(float* p, int64_t n, V v) { _mm256_maskstore_ps(p, first(n), v); }
  static V broadcast(float x) { return _mm256_set1_ps(x); }
  static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  static V add(V a, V b) { return _mm256_add_ps(a, b); }
  // The second operand is the result where one is NaN.
  static V clamp(V v, V min, V max) { return _mm256_min_ps(max, _mm256_max_ps(min, v)); }
};

#include "gemm/f32_kernels.inc.hpp"

constexpr auto kPanels = F32Panels<Avx2>::make();

}  // namespace

constinit const F32Kernels kF32Avx2 = {"f32_gemm_avx2",   "f32_depthwise_avx2", "f32_row_tiles_avx2",
                                       Avx2::kLanes,      Avx2::kVectors,       Avx2::kTileRows,
                                       kPanels.functions, f32_depthwise<Avx2>};

}  // namespace burin::gemm
