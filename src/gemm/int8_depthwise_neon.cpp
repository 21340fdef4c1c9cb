// NEON: the products of two taps are added in 16 bits, then in 32.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_depthwise_neon.inc.hpp"

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

// Weights are packed for each sixteen channels: [taps][16]. The last sixteen of a number of channels that is no
// multiple overlap the ones before. A head says whether all pairs of products fit 16 bits: not where both weights are
// -128.
constexpr int64_t kHead = 16;

// Behind the weights of a block of nine taps: their order, and in how many groups they may be added in 16 bits.
constexpr int64_t kNine = 9, kOrderBytes = 16;

int64_t block_bytes(int64_t taps) { return taps * kLanes + (taps == kNine ? kOrderBytes : 0); }
int64_t weight_bytes(int64_t taps, int64_t channels) { return kHead + blocks(channels) * block_bytes(taps); }

int8_t weight_of(const int8_t* weights, int64_t tap, int64_t channel, int64_t channels) {
  return channel < channels ? weights[tap * channels + channel] : int8_t{0};
}

// Whether the products of three taps may be added in 16 bits, for sixteen channels.
bool is_triple(const int8_t* weights, int64_t channel, int64_t channels, int a, int b, int c) {
  for (int64_t i = channel; i < channel + kLanes; ++i) {
    int sum = 0;
    for (const int tap : {a, b, c}) {
      const int weight = weight_of(weights, tap, i, channels);
      sum += weight < 0 ? -weight : weight;
    }
    if (sum > 255) return false;
  }
  return true;
}

// Three triples, or one and three pairs, or four pairs and one.
uint8_t order_taps(const int8_t* weights, int64_t channel, int64_t channels, uint8_t* order) {
  bool triples[1 << kNine] = {};
  for (int a = 0; a < kNine; ++a) {
    for (int b = a + 1; b < kNine; ++b) {
      for (int c = b + 1; c < kNine; ++c) {
        triples[1 << a | 1 << b | 1 << c] = is_triple(weights, channel, channels, a, b, c);
      }
    }
  }
  constexpr int kAll = (1 << kNine) - 1;
  int first = 0, second = 0, third = 0;
  for (int x = 0; x <= kAll && third == 0; ++x) {
    if (!triples[x]) continue;
    if (first == 0) first = x;
    for (int y = x + 1; y <= kAll && third == 0; ++y) {
      if (triples[y] && (x & y) == 0 && triples[kAll ^ x ^ y]) first = x, second = y, third = kAll ^ x ^ y;
    }
  }
  for (const int taps : {first, second, third, kAll ^ first ^ second ^ third}) {
    for (uint8_t tap = 0; tap < kNine; ++tap) {
      if ((taps >> tap & 1) != 0) *order++ = tap;
    }
  }
  return third != 0 ? 3 : first != 0 ? 4 : 5;
}

void pack(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out) {
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  for (int64_t i = 0; i < kHead; ++i) packed[i] = 0;
  int8_t& extreme = packed[0];  // of several taps of one channel
  for (int64_t channel = 0; channel < channels; ++channel) {
    int count = 0;
    for (int64_t tap = 0; tap < taps; ++tap) count += weights[tap * channels + channel] == -128 ? 1 : 0;
    if (count > 1) extreme = 1;
  }
  packed += kHead;
  for (int64_t block = 0; block < blocks(channels); ++block, packed += block_bytes(taps)) {
    const int64_t channel = first_channel(block, channels);
    uint8_t* order = taps == kNine ? reinterpret_cast<uint8_t*>(packed) + taps * kLanes : nullptr;
    if (order != nullptr) order[kNine] = order_taps(weights, channel, channels, order);
    for (int64_t i = 0; i < taps; ++i) {
      const int64_t tap = order != nullptr ? order[i] : i;
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        packed[i * kLanes + lane] = weight_of(weights, tap, channel + lane, channels);
      }
    }
  }
}

// The addresses of nine taps in the order of a block's weights.
void order_inputs(const int8_t* const* inputs, const int8_t* weights, const int8_t* (&x)[kNine]) {
  for (int64_t i = 0; i < kNine; ++i) x[i] = inputs[weights[kNine * kLanes + i]];
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
  Int8Depthwise call = d;
  const int8_t* x[kNine];
  for (int64_t block = 0; block < blocks(d.channels); ++block, weights += block_bytes(d.taps)) {
    const int64_t channel = first_channel(block, d.channels);
    if (d.taps == kNine) {
      order_inputs(d.inputs, weights, x);
      call.inputs = x;
    }
    int64_t pixel = 0;
    if (d.channels < kLanes) {
      for (; pixel < d.pixels; ++pixel) tile<kOutput, 1, true, kExtreme>(call, pixel, channel, weights);
      continue;
    }
    for (; pixel + kPixels <= d.pixels; pixel += kPixels)
      tile<kOutput, kPixels, false, kExtreme>(call, pixel, channel, weights);
    for (; kPixels > 1 && pixel < d.pixels; ++pixel) tile<kOutput, 1, false, kExtreme>(call, pixel, channel, weights);
  }
}

#if defined(__aarch64__)
// Sixteen channels of a row of pixels, nine taps, in assembly, because compilers do not keep weights, starts and scales
// in registers over the pixels. Weights v0-v8, starts v9-v12, codes v16-v18, products v20-v21, sums v24-v27, scales
// v28-v31; x: addresses of the taps. The first products of a sum are added to the starts.
// clang-format off
#define PAIR(x0, x1, w0, w1)                                       \
  "ld1 {v16.16b}, [%[" #x0 "]], %[input_stride]\n"                        \
  "ld1 {v17.16b}, [%[" #x1 "]], %[input_stride]\n"                        \
  "smull v20.8h, v16.8b, " #w0 ".8b\n"                             \
  "smull2 v21.8h, v16.16b, " #w0 ".16b\n"                          \
  "smlal v20.8h, v17.8b, " #w1 ".8b\n"                             \
  "smlal2 v21.8h, v17.16b, " #w1 ".16b\n"
#define TRIPLE(x0, x1, x2, w0, w1, w2)                             \
  PAIR(x0, x1, w0, w1)                                             \
  "ld1 {v18.16b}, [%[" #x2 "]], %[input_stride]\n"                        \
  "smlal v20.8h, v18.8b, " #w2 ".8b\n"                             \
  "smlal2 v21.8h, v18.16b, " #w2 ".16b\n"
#define SINGLE(x0, w0)                                             \
  "ld1 {v16.16b}, [%[" #x0 "]], %[input_stride]\n"                        \
  "smull v20.8h, v16.8b, " #w0 ".8b\n"                             \
  "smull2 v21.8h, v16.16b, " #w0 ".16b\n"
#define WIDEN(s0, s1, s2, s3)                                      \
  "saddw v24.4s, " #s0 ".4s, v20.4h\n"                             \
  "saddw2 v25.4s, " #s1 ".4s, v20.8h\n"                            \
  "saddw v26.4s, " #s2 ".4s, v21.4h\n"                             \
  "saddw2 v27.4s, " #s3 ".4s, v21.8h\n"
#define START WIDEN(v9, v10, v11, v12)
#define MORE WIDEN(v24, v25, v26, v27)
#define THREE_GROUPS                                               \
  TRIPLE(x0, x1, x2, v0, v1, v2) START TRIPLE(x3, x4, x5, v3, v4, v5) MORE TRIPLE(x6, x7, x8, v6, v7, v8) MORE
#define FOUR_GROUPS                                                \
  TRIPLE(x0, x1, x2, v0, v1, v2) START PAIR(x3, x4, v3, v4) MORE PAIR(x5, x6, v5, v6) MORE PAIR(x7, x8, v7, v8) MORE
#define FIVE_GROUPS                                                \
  PAIR(x0, x1, v0, v1) START PAIR(x2, x3, v2, v3) MORE PAIR(x4, x5, v4, v5) MORE PAIR(x6, x7, v6, v7) MORE \
  SINGLE(x8, v8) MORE
// As RELU_ROW and CODES_ROW (int8_neon.inc.hpp): constants v13-v15.
#define RELU_CODES                                                 \
  "ld1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[offsets]]\n"           \
  "fmla v16.4s, v24.4s, v28.4s\n" "fmla v17.4s, v25.4s, v29.4s\n"  \
  "fmla v18.4s, v26.4s, v30.4s\n" "fmla v19.4s, v27.4s, v31.4s\n"  \
  "fadd v16.4s, v16.4s, v13.4s\n" "fadd v17.4s, v17.4s, v13.4s\n"  \
  "fadd v18.4s, v18.4s, v13.4s\n" "fadd v19.4s, v19.4s, v13.4s\n"  \
  "uzp1 v16.8h, v16.8h, v17.8h\n" "uzp1 v18.8h, v18.8h, v19.8h\n"  \
  "sqxtn v16.8b, v16.8h\n" "sqxtn2 v16.16b, v18.8h\n"
#define ANY_CODES                                                  \
  "scvtf v24.4s, v24.4s\n" "scvtf v25.4s, v25.4s\n"                \
  "scvtf v26.4s, v26.4s\n" "scvtf v27.4s, v27.4s\n"                \
  "fmul v24.4s, v24.4s, v28.4s\n" "fmul v25.4s, v25.4s, v29.4s\n"  \
  "fmul v26.4s, v26.4s, v30.4s\n" "fmul v27.4s, v27.4s, v31.4s\n"  \
  "fcvtns v24.4s, v24.4s\n" "fcvtns v25.4s, v25.4s\n"              \
  "fcvtns v26.4s, v26.4s\n" "fcvtns v27.4s, v27.4s\n"              \
  "sqxtn v24.4h, v24.4s\n" "sqxtn v26.4h, v26.4s\n"                \
  "sqxtn2 v24.8h, v25.4s\n" "sqxtn2 v26.8h, v27.4s\n"              \
  "sqadd v24.8h, v24.8h, v13.8h\n" "sqadd v26.8h, v26.8h, v13.8h\n" \
  "sqxtn v16.8b, v24.8h\n" "sqxtn2 v16.16b, v26.8h\n"              \
  "smax v16.16b, v16.16b, v14.16b\n" "smin v16.16b, v16.16b, v15.16b\n"
#define PIXELS(sums, codes)                                        \
  __asm__ volatile(                                                \
      "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[weights]], #64\n"  \
      "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[weights]], #64\n"  \
      "ldr q8, [%[weights]]\n"                                     \
      "ld1 {v9.4s, v10.4s, v11.4s, v12.4s}, [%[start]]\n"          \
      "ld1 {v13.16b, v14.16b, v15.16b}, [%[constants]]\n"          \
      "ld1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[scales]]\n"        \
      "1:\n" sums codes                                            \
      "st1 {v16.16b}, [%[out]], %[output_stride]\n"                \
      "subs %[pixels], %[pixels], #1\n"                            \
      "b.ne 1b\n"                                                  \
      : [weights] "+&r"(weights), [out] "+&r"(out), [pixels] "+&r"(pixels), [x0] "+&r"(x[0]), [x1] "+&r"(x[1]), \
        [x2] "+&r"(x[2]), [x3] "+&r"(x[3]), [x4] "+&r"(x[4]), [x5] "+&r"(x[5]), [x6] "+&r"(x[6]),              \
        [x7] "+&r"(x[7]), [x8] "+&r"(x[8])                                                                     \
      : [start] "r"(run.start), [constants] "r"(run.constants), [scales] "r"(run.scales), [offsets] "r"(run.offsets), [input_stride] "r"(d.input_stride),              \
        [output_stride] "r"(d.output_stride)                                                                   \
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",   \
        "v16", "v17", "v18", "v19", "v20", "v21", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc",  \
        "memory")
// clang-format on

void nine_taps_to_codes(const Int8Depthwise& d) {
  const int8_t* weights = reinterpret_cast<const int8_t*>(d.weights) + kHead;
  for (int64_t block = 0; block < blocks(d.channels); ++block) {
    const int64_t channel = first_channel(block, d.channels);
    TileRun run;
    prepare_codes(d.requantization, d.start + channel, channel, run);
    const int8_t* x[kNine];
    order_inputs(d.inputs, weights, x);
    for (const int8_t*& address : x) address += channel;
    const int groups = weights[kNine * kLanes + kNine];
    const int8_t* next = weights + block_bytes(kNine);
    int8_t* out = static_cast<int8_t*>(d.output) + channel;
    int64_t pixels = d.pixels;
    if (run.end == TileEnd::kRelu) {
      if (groups == 3) {
        PIXELS(THREE_GROUPS, RELU_CODES);
      } else if (groups == 4) {
        PIXELS(FOUR_GROUPS, RELU_CODES);
      } else {
        PIXELS(FIVE_GROUPS, RELU_CODES);
      }
    } else if (groups == 3) {
      PIXELS(THREE_GROUPS, ANY_CODES);
    } else if (groups == 4) {
      PIXELS(FOUR_GROUPS, ANY_CODES);
    } else {
      PIXELS(FIVE_GROUPS, ANY_CODES);
    }
    weights = next;
  }
}
#undef PAIR
#undef TRIPLE
#undef SINGLE
#undef WIDEN
#undef START
#undef MORE
#undef THREE_GROUPS
#undef FOUR_GROUPS
#undef FIVE_GROUPS
#undef RELU_CODES
#undef ANY_CODES
#undef PIXELS
#endif

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  const bool extreme = d.weights[0] != std::byte{};
#if defined(__aarch64__)
  if (kOutput == Output::kCodes && d.taps == kNine && d.channels >= kLanes && !extreme) {
    return nine_taps_to_codes(d);
  }
#endif
  extreme ? any_kernel<kOutput, 1, true>(d) : any_kernel<kOutput, 2, false>(d);
}

}  // namespace

constinit const Int8DepthwiseKernels kInt8DepthwiseNeon = {
    .name = "int8_depthwise_neon",
    .takes_narrow = true,
    .weight_bytes = weight_bytes,
    .pack = pack,
    .codes = depthwise<Output::kCodes>,
    .floats = depthwise<Output::kFloats>,
    .sums = depthwise<Output::kSums>,
};

}  // namespace burin::gemm
