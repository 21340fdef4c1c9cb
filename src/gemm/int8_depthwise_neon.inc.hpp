// What the NEON variants of the depthwise kernels share. Included inside an unnamed namespace, as int8_neon.inc.hpp.

#include "gemm/int8_neon.inc.hpp"

constexpr int64_t kLanes = 16;

struct Sums {
  int32x4_t of[4];  // sixteen channels
};

// Sixteen channels of a pixel from `channel` on; only `count` where kPartial.
template <Output kOutput, bool kPartial>
inline void store(const Int8Depthwise& d, const Sums& sums, int64_t pixel, int64_t channel, int64_t count) {
  const int64_t at = pixel * d.output_stride + channel;
  if constexpr (kOutput == Output::kCodes) {
    const Requantization& q = d.requantization;
    float32x4_t scales[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) scales[v] = vld1q_f32(q.scales + channel + 4 * v);
    int8x16_t codes = requantized<4>(sums.of, scales, vdupq_n_s16(static_cast<int16_t>(q.zero_point)));
    if (q.min != -128 || q.max != 127) {
      codes = vminq_s8(vmaxq_s8(codes, vdupq_n_s8(static_cast<int8_t>(q.min))), vdupq_n_s8(static_cast<int8_t>(q.max)));
    }
    store_first(static_cast<int8_t*>(d.output) + at, codes, kPartial ? count : kLanes);
  } else {
    for (int v = 0; v < 4; ++v) {
      const int64_t columns = kPartial ? count - 4 * v : 4;
      if constexpr (kOutput == Output::kFloats) {
        const RowAffine& row = d.dequantization.rows[pixel * d.dequantization.row_step];
        store_first(static_cast<float*>(d.output) + at + 4 * v,
                    scaled(sums.of[v], row, d.dequantization, channel + 4 * v), columns);
      } else {
        store_first(static_cast<int32_t*>(d.output) + at + 4 * v, sums.of[v], columns);
      }
    }
  }
}

int64_t blocks(int64_t channels) { return (channels + kLanes - 1) / kLanes; }

int64_t first_channel(int64_t block, int64_t channels) {
  const int64_t last = channels - kLanes;
  return last > 0 && block * kLanes > last ? last : block * kLanes;
}
