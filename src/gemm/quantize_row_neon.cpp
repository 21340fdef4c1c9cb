// 64-bit Arm.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "gemm/quantize_row.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kLanes = 4;

// minnm and maxnm give the other operand for NaN.
void extremes(const float* values, int64_t count, float& low, float& high) {
  float32x4_t lows[4], highs[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) lows[i] = vdupq_n_f32(low), highs[i] = vdupq_n_f32(high);
  int64_t at = 0;
  for (; at + 4 * kLanes <= count; at += 4 * kLanes) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const float32x4_t x = vld1q_f32(values + at + i * kLanes);
      lows[i] = vminnmq_f32(lows[i], x);
      highs[i] = vmaxnmq_f32(highs[i], x);
    }
  }
  for (; at < count; ++at) {
    const float32x4_t x = vdupq_n_f32(values[at]);
    lows[0] = vminnmq_f32(lows[0], x);
    highs[0] = vmaxnmq_f32(highs[0], x);
  }
  low = vminnmvq_f32(vminnmq_f32(vminnmq_f32(lows[0], lows[1]), vminnmq_f32(lows[2], lows[3])));
  high = vmaxnmvq_f32(vmaxnmq_f32(vmaxnmq_f32(highs[0], highs[1]), vmaxnmq_f32(highs[2], highs[3])));
}

void codes(const float* values, int64_t count, const RowAffine& affine, int8_t* out) {
  const float32x4_t inverse = vdupq_n_f32(affine.inverse);
  const float32x4_t zero_point = vdupq_n_f32(static_cast<float>(affine.zero_point));
  const float32x4_t min = vdupq_n_f32(static_cast<float>(affine.min));
  const float32x4_t max = vdupq_n_f32(static_cast<float>(affine.max));
  const auto code = [&](float32x4_t x) {
    const float32x4_t real = vaddq_f32(zero_point, vmulq_f32(x, inverse));
    return vreinterpretq_s16_s32(vcvtaq_s32_f32(vminnmq_f32(vmaxnmq_f32(real, min), max)));
  };
  int64_t at = 0;
  for (; at + 4 * kLanes <= count; at += 4 * kLanes) {
    const int16x8_t low = vuzp1q_s16(code(vld1q_f32(values + at)), code(vld1q_f32(values + at + kLanes)));
    const int16x8_t high =
        vuzp1q_s16(code(vld1q_f32(values + at + 2 * kLanes)), code(vld1q_f32(values + at + 3 * kLanes)));
    vst1q_s8(out + at, vuzp1q_s8(vreinterpretq_s8_s16(low), vreinterpretq_s8_s16(high)));
  }
  for (; at < count; ++at) out[at] = static_cast<int8_t>(vgetq_lane_s16(code(vdupq_n_f32(values[at])), 0));
}

void rows(const float* values, int64_t rows, int64_t columns, RowCoding coding, RowAffine* affine, int8_t* out) {
  for (int64_t row = 0; row < rows; ++row, values += columns, out += columns) {
    float low = 0.0f, high = 0.0f;
    extremes(values, columns, low, high);
    affine[row] = row_affine(low, high, coding);
    codes(values, columns, affine[row], out);
  }
}

}  // namespace

constinit const QuantizeRowKernels kQuantizeRowNeon = {extremes, codes, rows};

}  // namespace burin::gemm
#endif
