// What the NEON variants of the integer kernels share: how sums become codes or floats. Included inside an unnamed
// namespace (f32_kernels.inc.hpp says why); <arm_neon.h> comes before.

enum class Output { kCodes, kFloats, kSums };

// The same address, of which the compiler knows nothing: it then steps pointers instead of computing them anew.
template <typename T>
[[gnu::always_inline]] inline T* opaque(T* address) {
  __asm__ volatile("" : "+r"(address));
  return address;
}

// The next kCount (2 or 4) vectors of weights.
template <int kCount>
[[gnu::always_inline]] inline void load_next(const int8_t*& weights, int8x16_t* w) {
#if defined(__aarch64__)
  if constexpr (kCount == 4) {
    const int8x16x4_t four = vld1q_s8_x4(weights);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) w[i] = four.val[i];
  } else {
    const int8x16x2_t two = vld1q_s8_x2(weights);
    w[0] = two.val[0], w[1] = two.val[1];
  }
#else
#pragma GCC unroll 4
  for (int i = 0; i < kCount; ++i) w[i] = vld1q_s8(weights + 16 * i);
#endif
  weights = opaque(weights + 16 * kCount);
}

inline int32x4_t rounded_products(int32x4_t sums, float32x4_t scales) {
  const float32x4_t products = vmulq_f32(vcvtq_f32_s32(sums), scales);
#if defined(__aarch64__)
  return vcvtnq_s32_f32(products);  // half to even; saturates, and the codes are the same as with requantize_litert
#else
  // Adding 1.5 * 2^23 rounds half to even; whatever is cut off here saturates.
  const float32x4_t round = vdupq_n_f32(12582912.0f);
  const float32x4_t clamped = vminq_f32(vmaxq_f32(products, vdupq_n_f32(-65536.0f)), vdupq_n_f32(65536.0f));
  return vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(clamped, round)), vreinterpretq_s32_f32(round));
#endif
}

inline int16x8_t narrowed(int32x4_t low, int32x4_t high) {
#if defined(__aarch64__)
  return vqmovn_high_s32(vqmovn_s32(low), high);
#else
  return vcombine_s16(vqmovn_s32(low), vqmovn_s32(high));
#endif
}

inline int8x16_t narrowed(int16x8_t low, int16x8_t high) {
#if defined(__aarch64__)
  return vqmovn_high_s16(vqmovn_s16(low), high);
#else
  return vcombine_s8(vqmovn_s16(low), vqmovn_s16(high));
#endif
}

// Codes of the sums of 4 * kVectors channels (8 or 16), in the leading lanes.
template <int kVectors>
inline int8x16_t requantized(const int32x4_t* sums, const float32x4_t* scales, int16x8_t zero_point) {
  int16x8_t wide[2];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v += 2) {
    wide[v / 2] = vqaddq_s16(
        narrowed(rounded_products(sums[v], scales[v]), rounded_products(sums[v + 1], scales[v + 1])), zero_point);
  }
  return kVectors == 4 ? narrowed(wide[0], wide[1]) : vcombine_s8(vqmovn_s16(wide[0]), vdup_n_s8(0));
}

inline float32x4_t scaled(int32x4_t sums, const RowAffine& row, const Dequantization& d, int64_t channel) {
  sums = vmlsq_n_s32(sums, vld1q_s32(d.weight_sums + channel), row.zero_point);
  const float32x4_t scales = vmulq_n_f32(vld1q_f32(d.scales + channel), row.scale);
  const float32x4_t values = vaddq_f32(vmulq_f32(vcvtq_f32_s32(sums), scales), vld1q_f32(d.bias + channel));
  return vminq_f32(vmaxq_f32(values, vdupq_n_f32(d.min)), vdupq_n_f32(d.max));
}

inline void store_first(int8_t* out, int8x16_t codes, int64_t count) {
  if (count >= 16) return vst1q_s8(out, codes);
  int8_t all[16];
  vst1q_s8(all, codes);
  for (int64_t i = 0; i < count; ++i) out[i] = all[i];
}
inline void store_first(int32_t* out, int32x4_t sums, int64_t count) {
  if (count >= 4) return vst1q_s32(out, sums);
  for (int64_t i = 0; i < count; ++i, sums = vextq_s32(sums, sums, 1)) out[i] = vgetq_lane_s32(sums, 0);
}
inline void store_first(float* out, float32x4_t values, int64_t count) {
  if (count >= 4) return vst1q_f32(out, values);
  for (int64_t i = 0; i < count; ++i, values = vextq_f32(values, values, 1)) out[i] = vgetq_lane_f32(values, 0);
}

// Rows [row, row + kRows) of a panel from their sums.
template <Output kOutput, int kRows, int kVectors>
inline void store_tile(const Int8Panel& p, int64_t row, const int32x4_t sums[kRows][kVectors]) {
  if constexpr (kOutput == Output::kCodes) {
    const Requantization q = p.requantization;  // copies: stores of codes could change what p refers to
    const int64_t stride = p.c_stride;
    float32x4_t scales[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) scales[v] = vld1q_f32(q.scales + 4 * v);
    const int16x8_t zero_point = vdupq_n_s16(static_cast<int16_t>(q.zero_point));
    int8_t* c = static_cast<int8_t*>(p.c) + row * stride;
    int8x16_t codes[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) codes[r] = requantized<kVectors>(sums[r], scales, zero_point);
    if (q.min != -128 || q.max != 127) {
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        codes[r] = vminq_s8(vmaxq_s8(codes[r], vdupq_n_s8(static_cast<int8_t>(q.min))),
                            vdupq_n_s8(static_cast<int8_t>(q.max)));
      }
    }
    if (p.columns == 4 * kVectors) {
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r, c += stride) {
        if constexpr (kVectors == 4) {
          vst1q_s8(c, codes[r]);
        } else {
          vst1_s8(c, vget_low_s8(codes[r]));
        }
      }
    } else {
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r, c += stride) store_first(c, codes[r], p.columns);
    }
  } else if constexpr (kOutput == Output::kFloats) {
    float* c = static_cast<float*>(p.c) + row * p.c_stride;
    const Dequantization& d = p.dequantization;
    for (int r = 0; r < kRows; ++r, c += p.c_stride) {
      const RowAffine& affine = d.rows[(row + r) * d.row_step];
      for (int v = 0; v < kVectors; ++v)
        store_first(c + 4 * v, scaled(sums[r][v], affine, d, 4 * v), p.columns - 4 * v);
    }
  } else {
    int32_t* c = static_cast<int32_t*>(p.c) + row * p.c_stride;
    for (int r = 0; r < kRows; ++r, c += p.c_stride) {
      for (int v = 0; v < kVectors; ++v) store_first(c + 4 * v, sums[r][v], p.columns - 4 * v);
    }
  }
}

#if defined(__aarch64__)
// Whole tiles of four rows of sixteen columns, in assembly, because every one of the 32 registers has its place: the
// sums of row r are v(16 + 4 r) to v(19 + 4 r). Kernels write ADD_TERMS between START_TILE and END_TILE.
enum class TileEnd : int64_t {
  kRelu,   // codes where the requantization is narrow, the zero point -128 and the range whole, as behind a ReLU
  kCodes,  // any other codes
  kSums,   // [4][16]
};

struct TileRun {
  int64_t tiles;
  const int8_t* a;
  void* c;
  int64_t c_stride;
  const int32_t* start;
  const float* scales;
  TileEnd end;
  // kRelu: sums start from 0x4b000000 more, the bits of 2^23: as a float such a sum is 2^23 + sum, exactly, so that one
  // fused multiply-add with -2^23 * scale (exact as well) makes the rounded product of sum and scale. A sum below zero
  // counts half, but then its code is -128 either way. Adding 1.5 * 2^23 - 128 rounds half to even, and leaves the code
  // before saturation in the low 16 bits.
  int32_t relu_start[16];
  float offsets[16];
  int8x16_t
      constants[3];  // kRelu: 1.5 * 2^23 - 128 four times; kCodes: zero points of 16 bits, lowest and highest codes
};

// What codes of sixteen channels from `channel` on need.
inline void prepare_codes(const Requantization& q, const int32_t* start, int64_t channel, TileRun& run) {
  run.scales = q.scales + channel;
  run.start = start;
  run.end = TileEnd::kCodes;
  run.constants[0] = vreinterpretq_s8_s16(vdupq_n_s16(static_cast<int16_t>(q.zero_point)));
  run.constants[1] = vdupq_n_s8(static_cast<int8_t>(q.min));
  run.constants[2] = vdupq_n_s8(static_cast<int8_t>(q.max));
  const bool narrow = q.narrow != nullptr && vminvq_u8(vld1q_u8(q.narrow + channel)) != 0;
  if (!narrow || q.zero_point != -128 || q.min != -128 || q.max != 127) return;
  run.end = TileEnd::kRelu;
  run.start = run.relu_start;
  run.constants[0] = vreinterpretq_s8_f32(vdupq_n_f32(12582912.0f - 128.0f));
  for (int64_t i = 0; i < 16; i += 4) {
    vst1q_s32(run.relu_start + i, vaddq_s32(vld1q_s32(start + i), vdupq_n_s32(0x4b000000)));
    vst1q_f32(run.offsets + i, vmulq_n_f32(vld1q_f32(run.scales + i), -8388608.0f));
  }
}

// clang-format off
#define START_TILE                                                \
  "1:\n"                                                          \
  "ld1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[start]]\n"            \
  "ld1 {v20.4s, v21.4s, v22.4s, v23.4s}, [%[start]]\n"            \
  "ld1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[start]]\n"            \
  "ld1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[start]]\n"            \
  "mov %[b], %[weights]\n"
#define RELU_ROW(s0, s1, s2, s3)                                  \
  "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[offsets]]\n"              \
  "fmla v0.4s, " #s0 ".4s, v4.4s\n" "fmla v1.4s, " #s1 ".4s, v5.4s\n" \
  "fmla v2.4s, " #s2 ".4s, v6.4s\n" "fmla v3.4s, " #s3 ".4s, v7.4s\n" \
  "fadd v0.4s, v0.4s, v8.4s\n" "fadd v1.4s, v1.4s, v8.4s\n"       \
  "fadd v2.4s, v2.4s, v8.4s\n" "fadd v3.4s, v3.4s, v8.4s\n"       \
  "uzp1 v0.8h, v0.8h, v1.8h\n" "uzp1 v2.8h, v2.8h, v3.8h\n"       \
  "sqxtn v0.8b, v0.8h\n" "sqxtn2 v0.16b, v2.8h\n"                 \
  "st1 {v0.16b}, [%[c]], %[c_stride]\n"
#define CODES_ROW(s0, s1, s2, s3)                                 \
  "scvtf v0.4s, " #s0 ".4s\n" "scvtf v1.4s, " #s1 ".4s\n"         \
  "scvtf v2.4s, " #s2 ".4s\n" "scvtf v3.4s, " #s3 ".4s\n"         \
  "fmul v0.4s, v0.4s, v4.4s\n" "fmul v1.4s, v1.4s, v5.4s\n"       \
  "fmul v2.4s, v2.4s, v6.4s\n" "fmul v3.4s, v3.4s, v7.4s\n"       \
  "fcvtns v0.4s, v0.4s\n" "fcvtns v1.4s, v1.4s\n"                 \
  "fcvtns v2.4s, v2.4s\n" "fcvtns v3.4s, v3.4s\n"                 \
  "sqxtn v0.4h, v0.4s\n" "sqxtn v2.4h, v2.4s\n"                   \
  "sqxtn2 v0.8h, v1.4s\n" "sqxtn2 v2.8h, v3.4s\n"                 \
  "sqadd v0.8h, v0.8h, v8.8h\n" "sqadd v2.8h, v2.8h, v8.8h\n"     \
  "sqxtn v0.8b, v0.8h\n" "sqxtn2 v0.16b, v2.8h\n"                 \
  "smax v0.16b, v0.16b, v9.16b\n" "smin v0.16b, v0.16b, v10.16b\n" \
  "st1 {v0.16b}, [%[c]], %[c_stride]\n"
#define ROWS(row) row(v16, v17, v18, v19) row(v20, v21, v22, v23) row(v24, v25, v26, v27) row(v28, v29, v30, v31)
#define END_TILE                                                  \
  "tbnz %[end], #1, 82f\n"                                        \
  "ld1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[scales]]\n"               \
  "ld1 {v8.16b, v9.16b, v10.16b}, [%[constants]]\n"               \
  "tbnz %[end], #0, 81f\n"                                        \
  ROWS(RELU_ROW)                                                  \
  "80:\n"                                                         \
  "add %[a0], %[a0], %[step]\n" "add %[a1], %[a1], %[step]\n"     \
  "add %[a2], %[a2], %[step]\n" "add %[a3], %[a3], %[step]\n"     \
  "subs %[tiles], %[tiles], #1\n"                                 \
  "b.ne 1b\n"                                                     \
  "b 83f\n"                                                       \
  "81:\n"                                                         \
  ROWS(CODES_ROW)                                                 \
  "b 80b\n"                                                       \
  "82:\n"                                                         \
  "st1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[c]], #64\n"           \
  "st1 {v20.4s, v21.4s, v22.4s, v23.4s}, [%[c]], #64\n"           \
  "st1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[c]], #64\n"           \
  "st1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[c]], #64\n"           \
  "b 80b\n"                                                       \
  "83:\n"
#define TILE_OUTPUTS(t)                                           \
  [a0] "+&r"(a0), [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3), [c] "+&r"(c), [tiles] "+&r"(tiles), [b] "=&r"(b)
#define TILE_INPUTS(p, t, depth)                                  \
  [weights] "r"(p.b), [step] "r"(4 * p.a_stride - (depth)), [c_stride] "r"(t.c_stride), [start] "r"(t.start), \
  [offsets] "r"(t.offsets), [scales] "r"(t.scales), [constants] "r"(t.constants), [end] "r"(t.end)
#define TILE_CLOBBERS                                             \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", \
  "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory"
// clang-format on
#endif

// All rows of a panel of up to 4 * kVectors columns. Kernel: kRows; tile<kOutput, kRows, kVectors>(p, row); on 64-bit
// Arm run_tiles(p, tiles).
template <typename Kernel, Output kOutput, int kRows, int kVectors>
inline void last_rows(const Int8Panel& p, int64_t row) {
  if constexpr (kRows > 0) {
    if (p.rows - row == kRows) {
      Kernel::template tile<kOutput, kRows, kVectors>(p, row);
    } else {
      last_rows<Kernel, kOutput, kRows - 1, kVectors>(p, row);
    }
  }
}
template <typename Kernel, Output kOutput, int kVectors>
inline void panel_of(const Int8Panel& p) {
  int64_t row = 0;
#if defined(__aarch64__)
  if constexpr (kVectors == 4) {
    static_assert(Kernel::kRows == 4);
    TileRun run;
    run.a = reinterpret_cast<const int8_t*>(p.a);
    run.tiles = p.rows / 4;
    if (kOutput == Output::kCodes && p.columns == 16 && run.tiles > 0) {
      prepare_codes(p.requantization, p.start, 0, run);
      run.c = p.c;
      run.c_stride = p.c_stride;
      Kernel::run_tiles(p, run);
      row = 4 * run.tiles;
    } else {
      run.tiles = 1;
      run.start = p.start;
      run.end = TileEnd::kSums;
      for (; row + 4 <= p.rows; row += 4, run.a += 4 * p.a_stride) {
        int32x4_t sums[4][4];
        run.c = sums;
        Kernel::run_tiles(p, run);
        store_tile<kOutput, 4, 4>(p, row, sums);
      }
    }
    return last_rows<Kernel, kOutput, 3, 4>(p, row);
  }
#endif
  for (; row + Kernel::kRows <= p.rows; row += Kernel::kRows)
    Kernel::template tile<kOutput, Kernel::kRows, kVectors>(p, row);
  last_rows<Kernel, kOutput, Kernel::kRows - 1, kVectors>(p, row);
}
template <typename Kernel, Output kOutput>
void panel(const Int8Panel& p) {
  if constexpr (Kernel::kColumns > 8) {
    if (p.columns > 8) return panel_of<Kernel, kOutput, 4>(p);
  }
  panel_of<Kernel, kOutput, 2>(p);
}

// Rows of codes, filled up with zeros to whole blocks of kBlock terms.
template <int kBlock>
int64_t row_bytes(int64_t depth) {
  return (depth + kBlock - 1) / kBlock * kBlock;
}
template <int kBlock>
void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    __builtin_memcpy(out, codes, static_cast<size_t>(depth));
    for (int64_t k = depth; k % kBlock != 0; ++k) out[k] = std::byte{};
  }
}
