// WebAssembly SIMD: 16-bit multiply-add (i32x4.dot_i16x8_s), exact for every code and weight.
#include <wasm_simd128.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

v128_t rounded_products(v128_t sums, const float* scales) {
  // Saturates, and the codes are the same as with requantize_litert.
  return wasm_i32x4_trunc_sat_f32x4(
      wasm_f32x4_nearest(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), wasm_v128_load(scales))));
}

template <typename T>
void copy_first(T* out, v128_t values, int64_t count) {
  constexpr int64_t kAll = 16 / int64_t{sizeof(T)};
  if (count >= kAll) {
    wasm_v128_store(out, values);
  } else if (count > 0) {
    T all[kAll];
    wasm_v128_store(all, values);
    for (int64_t i = 0; i < count; ++i) out[i] = all[i];
  }
}

struct Simd128 {
  using V = v128_t;
  using W = v128_t;
  using A = v128_t;
  static constexpr int kLanes = 4, kRows = 4, kVectors = 2, kGroup = 2, kCodeBytes = 2;

  static V load(const int32_t* p) { return wasm_v128_load(p); }
  static V load_start(const int32_t* p) { return load(p); }
  static void store(V v, int32_t* p) { wasm_v128_store(p, v); }
  template <int>
  static W load_weights(const std::byte* p) {
    return wasm_i16x8_load8x8(p);
  }
  static A load_codes(const std::byte* p) { return wasm_v128_load32_splat(p); }
  static V multiply_add(V sum, A a, W w) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, w)); }

  // Codes of the sums of kCount vectors, in the leading lanes.
  template <int kCount>
  static v128_t codes(const V* sums, const Requantization& q) {
    const v128_t zero_point = wasm_i16x8_splat(static_cast<int16_t>(q.zero_point));
    v128_t wide[2];
    for (int v = 0; v < 4; v += 2) {
      const v128_t low = v < kCount ? rounded_products(sums[v], q.scales + v * kLanes) : wasm_i32x4_splat(0);
      const v128_t high =
          v + 1 < kCount ? rounded_products(sums[v + 1], q.scales + (v + 1) * kLanes) : wasm_i32x4_splat(0);
      wide[v / 2] = wasm_i16x8_add_sat(wasm_i16x8_narrow_i32x4(low, high), zero_point);
    }
    const v128_t narrow = wasm_i8x16_narrow_i16x8(wide[0], wide[1]);
    return wasm_i8x16_min(wasm_i8x16_max(narrow, wasm_i8x16_splat(static_cast<int8_t>(q.min))),
                          wasm_i8x16_splat(static_cast<int8_t>(q.max)));
  }
  static v128_t values(V sums, const RowAffine& row, const Dequantization& d, int64_t channel) {
    const v128_t offset = wasm_i32x4_mul(wasm_v128_load(d.weight_sums + channel), wasm_i32x4_splat(row.zero_point));
    const v128_t scales = wasm_f32x4_mul(wasm_v128_load(d.scales + channel), wasm_f32x4_splat(row.scale));
    const v128_t value = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums, offset)), scales),
                                        wasm_v128_load(d.bias + channel));
    // The first operand stays where it is NaN.
    return wasm_f32x4_pmin(wasm_f32x4_pmax(value, wasm_f32x4_splat(d.min)), wasm_f32x4_splat(d.max));
  }

  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
    for (int v = 0; v < kCount; ++v) copy_first(out + v * kLanes, sums[v], columns - v * kLanes);
  }
  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    const v128_t all = codes<kCount>(sums, q);
    if (columns == 8) {
      wasm_v128_store64_lane(out, all, 0);
    } else {
      copy_first(out, all, columns);
    }
  }
  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    for (int v = 0; v < kCount; ++v)
      copy_first(out + v * kLanes, values(sums[v], row, d, v * kLanes), columns - v * kLanes);
  }
  static constexpr bool kStoresAnyCodes = true;
  static constexpr bool kMayLeaveTiles = false;
  template <int kCount, int kVectorsOfRow>
  static bool store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const float* /*scales*/,
                               const Requantization& q, int8_t* out, int64_t stride) {
#pragma GCC unroll 16
    for (int r = 0; r < kCount; ++r) store_codes<kVectorsOfRow>(sums[r], columns, q, out + r * stride);
    return true;
  }
};

#include "gemm/int8_kernels.inc.hpp"

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    int64_t k = 0;
    for (; k + 8 <= depth; k += 8) wasm_v128_store(out + 2 * k, wasm_i16x8_load8x8(codes + k));
    for (; k < depth + depth % 2; ++k) {
      const int16_t wide = k < depth ? codes[k] : int16_t{0};
      __builtin_memcpy(out + 2 * k, &wide, sizeof(wide));
    }
  }
}

constexpr int64_t kDepthwiseLanes = 16;

// Sixteen codes of which `count` are there.
v128_t load_first(const int8_t* p, int64_t count) {
  if (count >= kDepthwiseLanes) return wasm_v128_load(p);
  int8_t all[16] = {};
  for (int64_t i = 0; i < count; ++i) all[i] = p[i];
  return wasm_v128_load(all);
}

// One pixel, sixteen channels from `channel` on.
template <Output kOutput>
void depthwise_tile(const Int8Depthwise& d, int64_t pixel, int64_t channel, int64_t padded) {
  const int64_t count = d.channels - channel;
  v128_t sums[4];
  for (int v = 0; v < 4; ++v) sums[v] = wasm_v128_load(d.start + channel + 4 * v);
  const int64_t offset = pixel * d.input_stride + channel;
  const int16_t* weights = reinterpret_cast<const int16_t*>(d.weights) + channel * 2;
  for (int64_t tap = 0; tap < d.taps; tap += 2, weights += padded * 2) {
    const v128_t x0 = load_first(d.inputs[tap] + offset, count);
    const v128_t x1 = load_first(d.inputs[tap + 1] + offset, count);
    const v128_t low = wasm_i8x16_shuffle(x0, x1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const v128_t high = wasm_i8x16_shuffle(x0, x1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    sums[0] = Simd128::multiply_add(sums[0], wasm_i16x8_extend_low_i8x16(low), wasm_v128_load(weights));
    sums[1] = Simd128::multiply_add(sums[1], wasm_i16x8_extend_high_i8x16(low), wasm_v128_load(weights + 8));
    sums[2] = Simd128::multiply_add(sums[2], wasm_i16x8_extend_low_i8x16(high), wasm_v128_load(weights + 16));
    sums[3] = Simd128::multiply_add(sums[3], wasm_i16x8_extend_high_i8x16(high), wasm_v128_load(weights + 24));
  }
  const int64_t at = pixel * d.output_stride + channel;
  if constexpr (kOutput == Output::kCodes) {
    Requantization q = d.requantization;
    q.scales += channel;
    copy_first(static_cast<int8_t*>(d.output) + at, Simd128::codes<4>(sums, q), count);
  } else {
    for (int v = 0; v < 4; ++v) {
      if constexpr (kOutput == Output::kFloats) {
        const RowAffine& row = d.dequantization.rows[pixel * d.dequantization.row_step];
        copy_first(static_cast<float*>(d.output) + at + 4 * v,
                   Simd128::values(sums[v], row, d.dequantization, channel + 4 * v), count - 4 * v);
      } else {
        copy_first(static_cast<int32_t*>(d.output) + at + 4 * v, sums[v], count - 4 * v);
      }
    }
  }
}

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  const int64_t padded = (d.channels + kDepthwiseLanes - 1) / kDepthwiseLanes * kDepthwiseLanes;
  for (int64_t pixel = 0; pixel < d.pixels; ++pixel) {
    for (int64_t channel = 0; channel < d.channels; channel += kDepthwiseLanes)
      depthwise_tile<kOutput>(d, pixel, channel, padded);
  }
}

}  // namespace

constinit const Int8Kernels kInt8Simd128 = int8_kernel_set<Simd128>("int8_gemm_simd128", 0, prepare_rows);

constinit const Int8DepthwiseKernels kInt8DepthwiseSimd128 = {
    .name = "int8_depthwise_simd128",
    .weight_bytes = tap_pairs_bytes,
    .pack = pack_tap_pairs,
    .codes = depthwise<Output::kCodes>,
    .floats = depthwise<Output::kFloats>,
    .sums = depthwise<Output::kSums>,
};

}  // namespace burin::gemm
