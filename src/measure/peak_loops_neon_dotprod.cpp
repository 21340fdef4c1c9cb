#include <arm_neon.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct NeonDotprodInt8Peak {
  using V = int32x4_t;
  using F = int8x16_t;
  static constexpr int kProducts = 16, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+w"(v)); }
  static void keep(V& v) { asm volatile("" : "+w"(v)); }
  static V multiply_add(V sum, F a, F b) { return vdotq_s32(sum, a, b); }
};

}  // namespace

constinit const PeakLoop kInt8PeakNeonDotprod = make_peak_loop<NeonDotprodInt8Peak>();

}  // namespace burin
