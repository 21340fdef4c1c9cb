#include <arm_neon.h>

#include <bit>
#include <cstdint>

#include "ops/elementwise/loops.hpp"
#include "ops/selection.hpp"

namespace burin {

namespace {
#include "ops/elementwise/kernel_loops.inc.hpp"

constexpr int64_t kCodes = 16;  // of a vector

// Sixteen numbers plus the zero point, as codes within -128..127.
inline int8x16_t saturated_codes(const int32x4_t (&values)[4], int16x8_t zero_point) {
  const int16x8_t low = vcombine_s16(vqmovn_s32(values[0]), vqmovn_s32(values[1]));
  const int16x8_t high = vcombine_s16(vqmovn_s32(values[2]), vqmovn_s32(values[3]));
  return vcombine_s8(vqmovn_s16(vqaddq_s16(low, zero_point)), vqmovn_s16(vqaddq_s16(high, zero_point)));
}

inline int32x4_t four(const int16x8_t (&codes)[2], int j) {
  return vmovl_s16(j % 2 == 0 ? vget_low_s16(codes[j / 2]) : vget_high_s16(codes[j / 2]));
}

void sum_s8_by_16(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count, const CodeSum& s) {
  int64_t i = 0;
  if (b_step != 0) {
    const int32x4_t bias = vdupq_n_s32(s.bias), shift = vdupq_n_s32(-s.shift);
    const int32x4_t a_factor = vdupq_n_s32(s.a_factor), b_factor = vdupq_n_s32(s.b_factor);
    const int16x8_t zero_point = vdupq_n_s16(static_cast<int16_t>(s.zero_point));
    const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(s.min)), max = vdupq_n_s8(static_cast<int8_t>(s.max));
    for (; i + kCodes <= count; i += kCodes) {
      const int8x16_t of_a = vld1q_s8(a + i), of_b = vld1q_s8(b + i);
      const int16x8_t wide_a[2] = {vmovl_s8(vget_low_s8(of_a)), vmovl_s8(vget_high_s8(of_a))};
      const int16x8_t wide_b[2] = {vmovl_s8(vget_low_s8(of_b)), vmovl_s8(vget_high_s8(of_b))};
      int32x4_t sums[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const int32x4_t sum = vmlaq_s32(vmlaq_s32(bias, four(wide_a, j), a_factor), four(wide_b, j), b_factor);
        sums[j] = vshlq_s32(sum, shift);
      }
      vst1q_s8(y + i, vminq_s8(vmaxq_s8(saturated_codes(sums, zero_point), min), max));
    }
  }
  sum_s8(a + i, b_step != 0 ? b + i : b, b_step, y + i, count - i, s);
}

#if defined(__aarch64__)
void quantize_s8_by_16(const float* x, int8_t* y, int64_t count, const CodeRounding& r) {
  const float32x4_t scale = vdupq_n_f32(r.inverse_scale), min = vdupq_n_f32(r.min), max = vdupq_n_f32(r.max);
  const int16x8_t zero_point = vdupq_n_s16(static_cast<int16_t>(r.zero_point));
  int64_t i = 0;
  for (; i + kCodes <= count; i += kCodes) {
    int32x4_t rounded[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const float32x4_t real = vmulq_f32(vld1q_f32(x + i + 4 * j), scale);
      rounded[j] = vcvtnq_s32_f32(vminnmq_f32(vmaxnmq_f32(real, min), max));  // NaN gives the smallest
    }
    vst1q_s8(y + i, saturated_codes(rounded, zero_point));
  }
  quantize_s8(x + i, y + i, count - i, r);
}
#endif
}  // namespace

constinit const ElementLoops kLoopsNeon = [] {
  ElementLoops loops = kLoops;
  loops.sum_s8 = if_selected("_s8", sum_s8_by_16);
#if defined(__aarch64__)
  loops.quantize_s8 = if_selected("quantize_s8", quantize_s8_by_16);
#endif
  return loops;
}();

}  // namespace burin
