// NEON: the products of two taps are added in 16 bits, then in 32.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_neon.inc.hpp"

constexpr int64_t kLanes = 16;

struct Sums {
  int32x4_t of[4];  // sixteen channels
};

inline void widen(Sums& sums, int16x8_t low, int16x8_t high) {
#if defined(__aarch64__)
  sums.of[0] = vaddw_s16(sums.of[0], vget_low_s16(low));
  sums.of[1] = vaddw_high_s16(sums.of[1], low);
  sums.of[2] = vaddw_s16(sums.of[2], vget_low_s16(high));
  sums.of[3] = vaddw_high_s16(sums.of[3], high);
#else
  sums.of[0] = vaddw_s16(sums.of[0], vget_low_s16(low));
  sums.of[1] = vaddw_s16(sums.of[1], vget_high_s16(low));
  sums.of[2] = vaddw_s16(sums.of[2], vget_low_s16(high));
  sums.of[3] = vaddw_s16(sums.of[3], vget_high_s16(high));
#endif
}

inline int16x8_t multiply_low(int8x16_t x, int8x16_t w) { return vmull_s8(vget_low_s8(x), vget_low_s8(w)); }
inline int16x8_t multiply_add_low(int16x8_t sum, int8x16_t x, int8x16_t w) {
  return vmlal_s8(sum, vget_low_s8(x), vget_low_s8(w));
}
#if defined(__aarch64__)
inline int16x8_t multiply_high(int8x16_t x, int8x16_t w) { return vmull_high_s8(x, w); }
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t x, int8x16_t w) { return vmlal_high_s8(sum, x, w); }
#else
inline int16x8_t multiply_high(int8x16_t x, int8x16_t w) { return vmull_s8(vget_high_s8(x), vget_high_s8(w)); }
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t x, int8x16_t w) {
  return vmlal_s8(sum, vget_high_s8(x), vget_high_s8(w));
}
#endif

template <bool kPartial>
inline int8x16_t load(const int8_t* x, int64_t count) {
  if constexpr (kPartial) {
    int8_t all[16] = {};
    for (int64_t i = 0; i < count; ++i) all[i] = x[i];
    return vld1q_s8(all);
  }
  return vld1q_s8(x);
}

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

// Weights are packed for each sixteen channels: [taps][16]. The last sixteen of a number of channels that is no
// multiple overlap the ones before. A head says whether all pairs of products fit 16 bits: not where both weights are
// -128.
constexpr int64_t kHead = 16;

int64_t blocks(int64_t channels) { return (channels + kLanes - 1) / kLanes; }

int64_t first_channel(int64_t block, int64_t channels) {
  const int64_t last = channels - kLanes;
  return last > 0 && block * kLanes > last ? last : block * kLanes;
}

int64_t weight_bytes(int64_t taps, int64_t channels) { return kHead + blocks(channels) * taps * kLanes; }

void pack(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out) {
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  for (int64_t i = 0; i < kHead; ++i) packed[i] = 0;
  int8_t& extreme = packed[0];
  packed += kHead;
  for (int64_t block = 0; block < blocks(channels); ++block) {
    for (int64_t tap = 0; tap < taps; ++tap, packed += kLanes) {
      for (int64_t i = 0; i < kLanes; ++i) {
        const int64_t channel = first_channel(block, channels) + i;
        packed[i] = channel < channels ? weights[tap * channels + channel] : int8_t{0};
        if (tap % 2 != 0 && packed[i] == -128 && packed[i - kLanes] == -128) extreme = 1;
      }
    }
  }
}

// A block of sixteen channels of kPixels pixels.
template <Output kOutput, int kPixels, bool kPartial, bool kExtreme>
inline void tile(const Int8Depthwise& d, int64_t pixel, int64_t channel, const int8_t* weights) {
  Sums sums[kPixels];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums[p].of[v] = vld1q_s32(d.start + channel + 4 * v);
  }
  const int64_t offset = pixel * d.input_stride + channel;
  const int64_t stride = d.input_stride;
  for (int64_t tap = 0; tap < d.taps; tap += 2, weights += 2 * kLanes) {
    const bool both = tap + 1 < d.taps;
    const int8x16_t w0 = vld1q_s8(weights);
    const int8x16_t w1 = both ? vld1q_s8(weights + kLanes) : vdupq_n_s8(0);
    const int8_t* x0 = d.inputs[tap] + offset;
    const int8_t* x1 = both ? d.inputs[tap + 1] + offset : x0;
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p, x0 += stride, x1 += stride) {
      const int8x16_t first = load<kPartial>(x0, d.channels);
      const int8x16_t second = load<kPartial>(x1, d.channels);
      int16x8_t low = multiply_low(first, w0);
      int16x8_t high = multiply_high(first, w0);
      if constexpr (kExtreme) {
        widen(sums[p], low, high);
        low = multiply_low(second, w1);
        high = multiply_high(second, w1);
      } else {
        low = multiply_add_low(low, second, w1);
        high = multiply_add_high(high, second, w1);
      }
      widen(sums[p], low, high);
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) store<kOutput, kPartial>(d, sums[p], pixel + p, channel, d.channels);
}

template <Output kOutput, int kPixels, bool kExtreme>
inline void any_kernel(const Int8Depthwise& d) {
  const int8_t* weights = reinterpret_cast<const int8_t*>(d.weights) + kHead;
  for (int64_t block = 0; block < blocks(d.channels); ++block, weights += d.taps * kLanes) {
    const int64_t channel = first_channel(block, d.channels);
    int64_t pixel = 0;
    if (d.channels < kLanes) {
      for (; pixel < d.pixels; ++pixel) tile<kOutput, 1, true, kExtreme>(d, pixel, channel, weights);
      continue;
    }
    for (; pixel + kPixels <= d.pixels; pixel += kPixels)
      tile<kOutput, kPixels, false, kExtreme>(d, pixel, channel, weights);
    for (; kPixels > 1 && pixel < d.pixels; ++pixel) tile<kOutput, 1, false, kExtreme>(d, pixel, channel, weights);
  }
}

#if defined(__aarch64__)
// Sixteen channels of one pixel of nine taps; x: addresses of the taps, `offset` bytes before the codes. Written out
// because compilers do not keep weights, starts and scales in registers over the pixels. Codes v16-v19, products
// v20-v23, sums v24-v27.
// clang-format off
#define PAIR(x0, x1, w0, w1, low, high, sum0, sum1, sum2, sum3)                    \
  "ldr q16, [%[" #x0 "], %[offset]]\n"                                             \
  "ldr q17, [%[" #x1 "], %[offset]]\n"                                             \
  "smull " #low ".8h, v16.8b, %[" #w0 "].8b\n"                                     \
  "smull2 " #high ".8h, v16.16b, %[" #w0 "].16b\n"                                 \
  "smlal " #low ".8h, v17.8b, %[" #w1 "].8b\n"                                     \
  "smlal2 " #high ".8h, v17.16b, %[" #w1 "].16b\n"                                 \
  WIDEN(low, high, sum0, sum1, sum2, sum3)
#define WIDEN(low, high, sum0, sum1, sum2, sum3)                                   \
  "saddw v24.4s, " sum0 ".4s, " #low ".4h\n"                                       \
  "saddw2 v25.4s, " sum1 ".4s, " #low ".8h\n"                                      \
  "saddw v26.4s, " sum2 ".4s, " #high ".4h\n"                                      \
  "saddw2 v27.4s, " sum3 ".4s, " #high ".8h\n"
[[gnu::always_inline]] inline int8x16_t nine_taps(const int8_t* const (&x)[9], int64_t offset, const int8x16_t (&w)[9],
                                                  const int32x4_t (&start)[4], const float32x4_t (&scales)[4],
                                                  int16x8_t zero_point) {
  int8x16_t codes;
  __asm__(
      PAIR(x0, x1, w0, w1, v20, v21, "%[s0]", "%[s1]", "%[s2]", "%[s3]")
      PAIR(x2, x3, w2, w3, v22, v23, "v24", "v25", "v26", "v27")
      PAIR(x4, x5, w4, w5, v20, v21, "v24", "v25", "v26", "v27")
      PAIR(x6, x7, w6, w7, v22, v23, "v24", "v25", "v26", "v27")
      "ldr q18, [%[x8], %[offset]]\n"
      "smull v20.8h, v18.8b, %[w8].8b\n"
      "smull2 v21.8h, v18.16b, %[w8].16b\n"
      WIDEN(v20, v21, "v24", "v25", "v26", "v27")
      "scvtf v24.4s, v24.4s\n" "scvtf v25.4s, v25.4s\n" "scvtf v26.4s, v26.4s\n" "scvtf v27.4s, v27.4s\n"
      "fmul v24.4s, v24.4s, %[f0].4s\n" "fmul v25.4s, v25.4s, %[f1].4s\n"
      "fmul v26.4s, v26.4s, %[f2].4s\n" "fmul v27.4s, v27.4s, %[f3].4s\n"
      "fcvtns v24.4s, v24.4s\n" "fcvtns v25.4s, v25.4s\n" "fcvtns v26.4s, v26.4s\n" "fcvtns v27.4s, v27.4s\n"
      "sqxtn v24.4h, v24.4s\n" "sqxtn v26.4h, v26.4s\n"
      "sqxtn2 v24.8h, v25.4s\n" "sqxtn2 v26.8h, v27.4s\n"
      "sqadd v24.8h, v24.8h, %[zero_point].8h\n" "sqadd v26.8h, v26.8h, %[zero_point].8h\n"
      "sqxtn v16.8b, v24.8h\n"
      "sqxtn2 v16.16b, v26.8h\n"
      "mov %[codes].16b, v16.16b\n"
      : [codes] "=w"(codes)
      : [x0] "r"(x[0]), [x1] "r"(x[1]), [x2] "r"(x[2]), [x3] "r"(x[3]), [x4] "r"(x[4]), [x5] "r"(x[5]),
        [x6] "r"(x[6]), [x7] "r"(x[7]), [x8] "r"(x[8]), [offset] "r"(offset), [w0] "w"(w[0]), [w1] "w"(w[1]),
        [w2] "w"(w[2]), [w3] "w"(w[3]), [w4] "w"(w[4]), [w5] "w"(w[5]), [w6] "w"(w[6]), [w7] "w"(w[7]),
        [w8] "w"(w[8]), [s0] "w"(start[0]), [s1] "w"(start[1]), [s2] "w"(start[2]), [s3] "w"(start[3]),
        [f0] "w"(scales[0]), [f1] "w"(scales[1]), [f2] "w"(scales[2]), [f3] "w"(scales[3]),
        [zero_point] "w"(zero_point)
      : "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "memory");
  return codes;
}
#undef PAIR
#undef WIDEN
// clang-format on

template <bool kClamp>
void nine_taps_to_codes(const Int8Depthwise& d) {
  const int8_t* x[9];
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap) x[tap] = d.inputs[tap];
  const int8_t* weights = reinterpret_cast<const int8_t*>(d.weights) + kHead;
  const Requantization q = d.requantization;
  const int16x8_t zero_point = vdupq_n_s16(static_cast<int16_t>(q.zero_point));
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(q.min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(q.max));
  const int64_t input_stride = d.input_stride, output_stride = d.output_stride;
  for (int64_t block = 0; block < blocks(d.channels); ++block) {
    const int64_t channel = first_channel(block, d.channels);
    int8x16_t w[9];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) w[tap] = vld1q_s8(weights + tap * kLanes);
    weights += 9 * kLanes;
    int32x4_t start[4];
    float32x4_t scales[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      start[v] = vld1q_s32(d.start + channel + 4 * v);
      scales[v] = vld1q_f32(q.scales + channel + 4 * v);
    }
    int8_t* out = static_cast<int8_t*>(d.output) + channel;
    int64_t offset = channel;
    for (int64_t pixel = 0; pixel < d.pixels; ++pixel, offset += input_stride, out += output_stride) {
      int8x16_t codes = nine_taps(x, offset, w, start, scales, zero_point);
      if (kClamp) codes = vminq_s8(vmaxq_s8(codes, min), max);
      vst1q_s8(out, codes);
    }
  }
}
#endif

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  const bool extreme = d.weights[0] != std::byte{};
#if defined(__aarch64__)
  if (kOutput == Output::kCodes && d.taps == 9 && d.channels >= kLanes && !extreme) {
    const bool clamp = d.requantization.min != -128 || d.requantization.max != 127;
    return clamp ? nine_taps_to_codes<true>(d) : nine_taps_to_codes<false>(d);
  }
#endif
  extreme ? any_kernel<kOutput, 1, true>(d) : any_kernel<kOutput, 2, false>(d);
}

}  // namespace

constinit const Int8DepthwiseKernels kInt8DepthwiseNeon = {
    .name = "int8_depthwise_neon",
    .weight_bytes = weight_bytes,
    .pack = pack,
    .codes = depthwise<Output::kCodes>,
    .floats = depthwise<Output::kFloats>,
    .sums = depthwise<Output::kSums>,
};

}  // namespace burin::gemm
