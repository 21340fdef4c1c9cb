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

// All rows of a panel of up to 4 * kVectors columns. Kernel: kRows, and tile<kOutput, kRows, kVectors>(p, row).
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
