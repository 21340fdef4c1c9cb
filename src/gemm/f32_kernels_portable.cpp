// Four lanes in the compiler's vector extension: SSE2, NEON, WASM SIMD or scalar code, as the target has it.
#include "gemm/f32_kernels.hpp"

namespace burin::gemm {

namespace {

struct Portable {
  using V = float __attribute__((vector_size(16)));
  static constexpr int kLanes = 4, kVectors = 3, kDepthwisePixels3 = 4, kDepthwisePixels5 = 0;
  // Sixteen registers, or thirty-two.
#if defined(__aarch64__)
  static constexpr int kTileRows[kVectors] = {8, 8, 8};
#else
  static constexpr int kTileRows[kVectors] = {6, 4, 3};
#endif

  static V load(const float* p) {
    V v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(float* p, V v) { __builtin_memcpy(p, &v, sizeof v); }
  static V load_first(const float* p, int64_t n) {
    V v = {};
    for (int64_t i = 0; i < n; ++i) v[i] = p[i];
    return v;
  }
  static void store_first(float* p, int64_t n, V v) {
    for (int64_t i = 0; i < n; ++i) p[i] = v[i];
  }
  static V broadcast(float x) { return V{x, x, x, x}; }
  static V fma(V a, V b, V c) { return a * b + c; }
  static V add(V a, V b) { return a + b; }
  static V clamp(V v, V min, V max) {
    v = v < min ? min : v;
    return v > max ? max : v;
  }
};

#include "gemm/f32_kernels.inc.hpp"

constexpr auto kPanels = F32Panels<Portable>::make();

}  // namespace

constinit const F32Kernels kF32Portable = {"f32_gemm_portable", "f32_depthwise_portable", "f32_row_tiles_portable",
                                           Portable::kLanes,    Portable::kVectors,       Portable::kTileRows,
                                           kPanels.functions,   f32_depthwise<Portable>};

}  // namespace burin::gemm
