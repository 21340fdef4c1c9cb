// 64-bit Arm with dot products: kernels of nine taps, as of 3x3 windows, in three dot products of a column of three
// taps and a zero. A table lookup makes a register of such columns, those of four channels, from three registers of
// codes. Anything else is left to the kernels without dot products.
#include <arm_neon.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_depthwise_neon.inc.hpp"

constexpr int64_t kNine = 9;
constexpr int64_t kBlockBytes = 3 * 4 * 16;  // weights of sixteen channels: [column of taps][channels / 4][4][tap, 0]

bool takes(int64_t taps, int64_t channels) { return taps == kNine && channels >= kLanes; }

int64_t weight_bytes(int64_t taps, int64_t channels) {
  return takes(taps, channels) ? blocks(channels) * kBlockBytes : kInt8DepthwiseNeon.weight_bytes(taps, channels);
}

void pack(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out) {
  if (!takes(taps, channels)) return kInt8DepthwiseNeon.pack(weights, taps, channels, out);
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  for (int64_t block = 0; block < blocks(channels); ++block) {
    for (int64_t column = 0; column < 3; ++column) {
      for (int64_t i = 0; i < kLanes; ++i) {
        const int8_t* weight = weights + column * channels + first_channel(block, channels) + i;
        for (int64_t row = 0; row < 3; ++row) *packed++ = weight[3 * row * channels];
        *packed++ = 0;
      }
    }
  }
}

// Bytes of three registers: those of channels 4 j to 4 j + 3 in register j, each channel's three and a zero.
struct ColumnBytes {
  uint8_t of[4][16];

  constexpr ColumnBytes() : of() {
    for (int j = 0; j < 4; ++j) {
      for (int i = 0; i < 16; ++i) of[j][i] = static_cast<uint8_t>(i % 4 == 3 ? 255 : i % 4 * 16 + 4 * j + i / 4);
    }
  }
};
alignas(16) constexpr ColumnBytes kColumnBytes;

// Sixteen channels of pixels whose taps lie anywhere.
template <Output kOutput>
void any_pixels(const Int8Depthwise& d, int64_t channel, const int8_t* weights) {
  for (int64_t pixel = 0; pixel < d.pixels; ++pixel) {
    Sums sums;
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) sums.of[j] = vld1q_s32(d.start + channel + 4 * j);
    const int64_t offset = pixel * d.input_stride + channel;
#pragma GCC unroll 3
    for (int column = 0; column < 3; ++column) {
      const int8x16x3_t codes = {vld1q_s8(d.inputs[column] + offset), vld1q_s8(d.inputs[3 + column] + offset),
                                 vld1q_s8(d.inputs[6 + column] + offset)};
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const int8x16_t of_four = vqtbl3q_s8(codes, vld1q_u8(kColumnBytes.of[j]));
        sums.of[j] = vdotq_s32(sums.of[j], of_four, vld1q_s8(weights + column * 64 + 16 * j));
      }
    }
    store<kOutput, false>(d, sums, pixel, channel, d.channels);
  }
}

// Codes of neighbouring pixels whose columns of taps are neighbours too, one or two columns apart, in assembly, because
// every register has its place: rows of codes v0-v2, columns v3, then what codes are made of; lookup indices, then
// scales v4-v7; sums of three pixels v8-v19; weights v20-v31. Every column is added to all pixels that it belongs to.
// clang-format off
#define COLUMN                                                     \
  "ldr q0, [%[x0], %[offset]]\n"                                   \
  "ldr q1, [%[x1], %[offset]]\n"                                   \
  "ldr q2, [%[x2], %[offset]]\n"                                   \
  "add %[offset], %[offset], %[column]\n"                          \
  "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[bytes]]\n"
#define LOOKUP(index) "tbl v3.16b, {v0.16b, v1.16b, v2.16b}, " #index ".16b\n"
#define ADD(sum, w) "sdot " #sum ".4s, v3.16b, " #w ".16b\n"
#define BEGIN(a0, a1, a2, a3) "ld1 {" #a0 ".4s, " #a1 ".4s, " #a2 ".4s, " #a3 ".4s}, [%[start]]\n"
#define FIRST(a0, a1, a2, a3)                                      \
  COLUMN BEGIN(a0, a1, a2, a3)                                     \
  LOOKUP(v4) ADD(a0, v20) LOOKUP(v5) ADD(a1, v21) LOOKUP(v6) ADD(a2, v22) LOOKUP(v7) ADD(a3, v23)
#define MIDDLE(a0, a1, a2, a3)                                     \
  COLUMN                                                           \
  LOOKUP(v4) ADD(a0, v24) LOOKUP(v5) ADD(a1, v25) LOOKUP(v6) ADD(a2, v26) LOOKUP(v7) ADD(a3, v27)
#define MIDDLE_AND_FIRST(a0, a1, a2, a3, b0, b1, b2, b3)           \
  COLUMN BEGIN(b0, b1, b2, b3)                                     \
  LOOKUP(v4) ADD(a0, v24) ADD(b0, v20) LOOKUP(v5) ADD(a1, v25) ADD(b1, v21) \
  LOOKUP(v6) ADD(a2, v26) ADD(b2, v22) LOOKUP(v7) ADD(a3, v27) ADD(b3, v23)
#define LAST_AND_FIRST(a0, a1, a2, a3, b0, b1, b2, b3)             \
  COLUMN BEGIN(b0, b1, b2, b3)                                     \
  LOOKUP(v4) ADD(a0, v28) ADD(b0, v20) LOOKUP(v5) ADD(a1, v29) ADD(b1, v21) \
  LOOKUP(v6) ADD(a2, v30) ADD(b2, v22) LOOKUP(v7) ADD(a3, v31) ADD(b3, v23)
#define LAST_MIDDLE_AND_FIRST(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3) \
  COLUMN BEGIN(c0, c1, c2, c3)                                     \
  LOOKUP(v4) ADD(a0, v28) ADD(b0, v24) ADD(c0, v20)                \
  LOOKUP(v5) ADD(a1, v29) ADD(b1, v25) ADD(c1, v21)                \
  LOOKUP(v6) ADD(a2, v30) ADD(b2, v26) ADD(c2, v22)                \
  LOOKUP(v7) ADD(a3, v31) ADD(b3, v27) ADD(c3, v23)
// As RELU_ROW and CODES_ROW (int8_neon.inc.hpp).
#define RELU(a0, a1, a2, a3)                                       \
  "ld1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[scales]]\n"                \
  "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[offsets]]\n"               \
  "fmla v0.4s, " #a0 ".4s, v4.4s\n" "fmla v1.4s, " #a1 ".4s, v5.4s\n" \
  "fmla v2.4s, " #a2 ".4s, v6.4s\n" "fmla v3.4s, " #a3 ".4s, v7.4s\n" \
  "ld1 {v4.4s}, [%[constants]]\n"                                  \
  "fadd v0.4s, v0.4s, v4.4s\n" "fadd v1.4s, v1.4s, v4.4s\n"        \
  "fadd v2.4s, v2.4s, v4.4s\n" "fadd v3.4s, v3.4s, v4.4s\n"        \
  "uzp1 v0.8h, v0.8h, v1.8h\n" "uzp1 v2.8h, v2.8h, v3.8h\n"        \
  "sqxtn v0.8b, v0.8h\n" "sqxtn2 v0.16b, v2.8h\n"                  \
  STORE
#define CODES(a0, a1, a2, a3)                                      \
  "ld1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[scales]]\n"                \
  "scvtf v0.4s, " #a0 ".4s\n" "scvtf v1.4s, " #a1 ".4s\n"          \
  "scvtf v2.4s, " #a2 ".4s\n" "scvtf v3.4s, " #a3 ".4s\n"          \
  "fmul v0.4s, v0.4s, v4.4s\n" "fmul v1.4s, v1.4s, v5.4s\n"        \
  "fmul v2.4s, v2.4s, v6.4s\n" "fmul v3.4s, v3.4s, v7.4s\n"        \
  "ld1 {v4.16b, v5.16b, v6.16b}, [%[constants]]\n"                 \
  "fcvtns v0.4s, v0.4s\n" "fcvtns v1.4s, v1.4s\n"                  \
  "fcvtns v2.4s, v2.4s\n" "fcvtns v3.4s, v3.4s\n"                  \
  "sqxtn v0.4h, v0.4s\n" "sqxtn v2.4h, v2.4s\n"                    \
  "sqxtn2 v0.8h, v1.4s\n" "sqxtn2 v2.8h, v3.4s\n"                  \
  "sqadd v0.8h, v0.8h, v4.8h\n" "sqadd v2.8h, v2.8h, v4.8h\n"      \
  "sqxtn v0.8b, v0.8h\n" "sqxtn2 v0.16b, v2.8h\n"                  \
  "smax v0.16b, v0.16b, v5.16b\n" "smin v0.16b, v0.16b, v6.16b\n"  \
  STORE
#define STORE                                                      \
  "st1 {v0.16b}, [%[out]], %[output_stride]\n"                     \
  "subs %[pixels], %[pixels], #1\n"                                \
  "b.eq 2f\n"
#define STRIDE_1(codes)                                            \
  FIRST(v8, v9, v10, v11)                                          \
  MIDDLE_AND_FIRST(v8, v9, v10, v11, v12, v13, v14, v15)           \
  "1:\n"                                                           \
  LAST_MIDDLE_AND_FIRST(v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19) codes(v8, v9, v10, v11)   \
  LAST_MIDDLE_AND_FIRST(v12, v13, v14, v15, v16, v17, v18, v19, v8, v9, v10, v11) codes(v12, v13, v14, v15) \
  LAST_MIDDLE_AND_FIRST(v16, v17, v18, v19, v8, v9, v10, v11, v12, v13, v14, v15) codes(v16, v17, v18, v19) \
  "b 1b\n"                                                         \
  "2:\n"
#define STRIDE_2(codes)                                            \
  FIRST(v8, v9, v10, v11)                                          \
  "1:\n"                                                           \
  MIDDLE(v8, v9, v10, v11)                                         \
  LAST_AND_FIRST(v8, v9, v10, v11, v12, v13, v14, v15) codes(v8, v9, v10, v11)   \
  MIDDLE(v12, v13, v14, v15)                                       \
  LAST_AND_FIRST(v12, v13, v14, v15, v8, v9, v10, v11) codes(v12, v13, v14, v15) \
  "b 1b\n"                                                         \
  "2:\n"
#define PIXELS(text)                                               \
  __asm__ volatile(                                                \
      "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[weights]], #64\n" \
      "ld1 {v24.16b, v25.16b, v26.16b, v27.16b}, [%[weights]], #64\n" \
      "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [%[weights]]\n"   \
      text                                                         \
      : [weights] "+&r"(weights), [out] "+&r"(out), [offset] "+&r"(offset), [pixels] "+&r"(pixels)          \
      : [x0] "r"(d.inputs[0]), [x1] "r"(d.inputs[3]), [x2] "r"(d.inputs[6]), [column] "r"(column),         \
        [bytes] "r"(&kColumnBytes), [start] "r"(run.start), [constants] "r"(run.constants),                \
        [scales] "r"(run.scales), [offsets] "r"(run.offsets), [output_stride] "r"(d.output_stride)         \
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", \
        "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", \
        "v31", "cc", "memory")
// clang-format on

// `column`: from one column of taps to the next.
void neighbouring_pixels(const Int8Depthwise& d, int64_t channel, int64_t column, const int8_t* weights) {
  TileRun run;
  prepare_codes(d.requantization, d.start + channel, channel, run);
  int8_t* out = static_cast<int8_t*>(d.output) + channel;
  int64_t offset = channel, pixels = d.pixels;
  if (column == d.input_stride) {
    if (run.end == TileEnd::kRelu) {
      PIXELS(STRIDE_1(RELU));
    } else {
      PIXELS(STRIDE_1(CODES));
    }
  } else if (run.end == TileEnd::kRelu) {
    PIXELS(STRIDE_2(RELU));
  } else {
    PIXELS(STRIDE_2(CODES));
  }
}

// From one column of taps to the next, where every pixel's next but one or two is the next pixel's; else 0.
int64_t neighbouring_columns(const Int8Depthwise& d) {
  const int64_t column = d.inputs[1] - d.inputs[0];
  for (int tap = 0; tap < kNine; tap += 3) {
    if (d.inputs[tap + 1] - d.inputs[tap] != column || d.inputs[tap + 2] - d.inputs[tap] != 2 * column) return 0;
  }
  return d.input_stride == column || d.input_stride == 2 * column ? column : 0;
}

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  const int64_t column = kOutput == Output::kCodes ? neighbouring_columns(d) : 0;
  const int8_t* weights = reinterpret_cast<const int8_t*>(d.weights);
  for (int64_t block = 0; block < blocks(d.channels); ++block, weights += kBlockBytes) {
    const int64_t channel = first_channel(block, d.channels);
    if (column != 0) {
      neighbouring_pixels(d, channel, column, weights);
    } else {
      any_pixels<kOutput>(d, channel, weights);
    }
  }
}

void codes(const Int8Depthwise& d) {
  takes(d.taps, d.channels) ? depthwise<Output::kCodes>(d) : kInt8DepthwiseNeon.codes(d);
}
void floats(const Int8Depthwise& d) {
  takes(d.taps, d.channels) ? depthwise<Output::kFloats>(d) : kInt8DepthwiseNeon.floats(d);
}
void sums(const Int8Depthwise& d) {
  takes(d.taps, d.channels) ? depthwise<Output::kSums>(d) : kInt8DepthwiseNeon.sums(d);
}

}  // namespace

constinit const Int8DepthwiseKernels kInt8DepthwiseNeonDotprod = {
    .name = "int8_depthwise_neon_dotprod",
    .takes_narrow = true,
    .weight_bytes = weight_bytes,
    .pack = pack,
    .codes = codes,
    .floats = floats,
    .sums = sums,
};

}  // namespace burin::gemm
