#include <arm_neon.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct NeonF32Peak {
  using V = float32x4_t;
  using F = float32x4_t;
  static constexpr int kProducts = 4, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+w"(v)); }
  static void keep(V& v) { opaque(v); }
#if defined(__aarch64__)
  static V multiply_add(V sum, F a, F b) { return vfmaq_f32(sum, a, b); }
#else
  static V multiply_add(V sum, F a, F b) { return vmlaq_f32(sum, a, b); }
#endif
};

// Two products in 16 bits for each pair of sums.
struct NeonInt8Peak {
  using V = int32x4_t;
  using F = int8x8_t;
  static constexpr int kProducts = 16, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+w"(v)); }
  static void keep(V& v) { asm volatile("" : "+w"(v)); }
  static V multiply_add(V sum, F a, F b) { return vpadalq_s16(sum, vmlal_s8(vmull_s8(a, b), a, b)); }
};

}  // namespace

constinit const PeakLoop kF32PeakNeon = make_peak_loop<NeonF32Peak>();
constinit const PeakLoop kInt8PeakNeon = make_peak_loop<NeonInt8Peak>();

}  // namespace burin
