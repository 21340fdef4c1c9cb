// Plain loops over lanes, for any machine.
#include <algorithm>

#include "gemm/int8_kernels.hpp"
#include "ops/requantize.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

// Wraps around like the vector instructions.
int32_t add_product(int32_t sum, int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(sum) + static_cast<uint32_t>(a * b));
}

// As requantize_litert: to clamp before the rounding and not after it gives the same codes, and rounds without a call.
void store_codes(const int32_t* sums, int64_t count, const float* scales, const Requantization& q, int8_t* out) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds half to even
  const int32_t zero_point = q.zero_point;
  const float low = static_cast<float>(q.min - zero_point), high = static_cast<float>(q.max - zero_point);
  for (int64_t i = 0; i < count; ++i) {
    const float product = static_cast<float>(sums[i]) * scales[i];
    const float clamped = product < low ? low : product > high ? high : product;
    out[i] = static_cast<int8_t>(static_cast<int32_t>((clamped + kRound) - kRound) + zero_point);
  }
}

void store_floats(const int32_t* sums, int64_t count, const RowAffine& row, const Dequantization& d, int64_t channel,
                  float* out) {
  const auto zero_point = static_cast<uint32_t>(row.zero_point);
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t offset = zero_point * static_cast<uint32_t>(d.weight_sums[channel + i]);
    const auto sum = static_cast<int32_t>(static_cast<uint32_t>(sums[i]) - offset);
    const float value = static_cast<float>(sum) * (row.scale * d.scales[channel + i]) + d.bias[channel + i];
    out[i] = value < d.min ? d.min : value > d.max ? d.max : value;
  }
}

enum class Output { kCodes, kFloats, kSums };

// Products as scalar products of 16-bit rows with 16-bit columns, eight at a time, which compilers turn into vectors.
constexpr int64_t kRows = 2, kColumns = 4;
constexpr int64_t kTerms = 8;        // pieces are filled up to a multiple of it, with weights of zero
constexpr int64_t kChunk = 1 << 16;  // terms whose sum fits

int64_t padded_depth(int64_t depth) { return (depth + kTerms - 1) / kTerms * kTerms; }
int64_t row_bytes(int64_t depth) { return padded_depth(depth) * int64_t{sizeof(int16_t)}; }
int64_t panel_bytes(int64_t depth, int64_t) { return kColumns * row_bytes(depth); }

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    auto* wide = reinterpret_cast<int16_t*>(out);
    for (int64_t k = 0; k < depth; ++k) wide[k] = codes[k];
    for (int64_t k = depth; k < padded_depth(depth); ++k) wide[k] = 0;
  }
}

// [columns][depth], filled up with zeros.
void pack(const Int8Weights& w, std::byte* out) {
  auto* packed = reinterpret_cast<int16_t*>(out);
  for (int64_t column = 0; column < kColumns; ++column) {
    for (int64_t k = 0; k < padded_depth(w.depth); ++k) {
      const bool valid = column < w.columns && k < w.depth;
      *packed++ = valid ? w.data[column * w.column_stride + k * w.k_stride] : int16_t{0};
    }
  }
}

void add_products(const int16_t* a, int64_t a_stride, const int16_t* b, int64_t b_stride, int64_t terms,
                  int32_t (&sums)[kRows][kColumns]) {
  const int16_t *a0 = a, *a1 = a + a_stride;
  const int16_t *b0 = b, *b1 = b + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
  int32_t s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  for (int64_t k = 0; k < terms; ++k) {
    s00 += a0[k] * b0[k], s01 += a0[k] * b1[k], s02 += a0[k] * b2[k], s03 += a0[k] * b3[k];
    s10 += a1[k] * b0[k], s11 += a1[k] * b1[k], s12 += a1[k] * b2[k], s13 += a1[k] * b3[k];
  }
  const int32_t all[kRows][kColumns] = {{s00, s01, s02, s03}, {s10, s11, s12, s13}};
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t j = 0; j < kColumns; ++j) sums[r][j] = add_product(sums[r][j], all[r][j], 1);
  }
}

template <Output kOutput>
void panel(const Int8Panel& p) {
  const int64_t depth = padded_depth(p.depth);
  for (int64_t row = 0; row < p.rows; row += kRows) {
    const int64_t rows = std::min(kRows, p.rows - row);
    int32_t sums[kRows][kColumns] = {};
    for (int64_t r = 0; r < kRows; ++r) std::copy_n(p.start, p.columns, sums[r]);
    for (int64_t piece = 0; piece < p.pieces; ++piece) {
      const auto* a = reinterpret_cast<const int16_t*>(p.a + row * p.a_stride + piece * p.piece_stride);
      const auto* b = reinterpret_cast<const int16_t*>(p.b) + piece * kColumns * depth;
      const int64_t a_stride = rows == kRows ? p.a_stride / int64_t{sizeof(int16_t)} : 0;
      for (int64_t k = 0; k < depth; k += kChunk) {
        add_products(a + k, a_stride, b + k, depth, std::min(kChunk, depth - k), sums);
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t at = (row + r) * p.c_stride;
      if constexpr (kOutput == Output::kCodes) {
        store_codes(sums[r], p.columns, p.requantization.scales, p.requantization, static_cast<int8_t*>(p.c) + at);
      } else if constexpr (kOutput == Output::kFloats) {
        const RowAffine& affine = p.dequantization.rows[(row + r) * p.dequantization.row_step];
        store_floats(sums[r], p.columns, affine, p.dequantization, 0, static_cast<float*>(p.c) + at);
      } else {
        std::copy_n(sums[r], p.columns, static_cast<int32_t*>(p.c) + at);
      }
    }
  }
}

constexpr int64_t kPixels = 8;

// Sixteen channels of some pixels, whole vectors of 16-bit products.
void add_depthwise(const Int8Depthwise& d, int64_t pixel, int64_t pixels, int64_t channel, int64_t padded,
                   uint32_t (&sums)[kPixels][kInt8DepthwiseLanes]) {
  constexpr int64_t kLanes = kInt8DepthwiseLanes;
  for (int64_t tap = 0; tap < (d.taps + 1) / 2 * 2; ++tap) {
    const int16_t* pairs = reinterpret_cast<const int16_t*>(d.weights) + (tap / 2 * padded + channel) * 2 + tap % 2;
    int16_t weights[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) weights[i] = pairs[2 * i];
    for (int64_t p = 0; p < pixels; ++p) {
      const int8_t* codes = d.inputs[tap] + (pixel + p) * d.input_stride + channel;
      for (int64_t i = 0; i < kLanes; ++i) {
        sums[p][i] += static_cast<uint32_t>(static_cast<int16_t>(codes[i]) * weights[i]);
      }
    }
  }
}

void add_depthwise_channel(const Int8Depthwise& d, int64_t pixel, int64_t pixels, int64_t channel, int64_t padded,
                           int64_t lane, uint32_t (&sums)[kPixels][kInt8DepthwiseLanes]) {
  for (int64_t tap = 0; tap < (d.taps + 1) / 2 * 2; ++tap) {
    const int32_t weight =
        reinterpret_cast<const int16_t*>(d.weights)[(tap / 2 * padded + channel + lane) * 2 + tap % 2];
    for (int64_t p = 0; p < pixels; ++p) {
      const int8_t* codes = d.inputs[tap] + (pixel + p) * d.input_stride + channel;
      sums[p][lane] += static_cast<uint32_t>(codes[lane] * weight);
    }
  }
}

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  constexpr int64_t kLanes = kInt8DepthwiseLanes;
  const int64_t padded = (d.channels + kLanes - 1) / kLanes * kLanes;
  for (int64_t pixel = 0; pixel < d.pixels; pixel += kPixels) {
    const int64_t pixels = std::min(kPixels, d.pixels - pixel);
    for (int64_t channel = 0; channel < d.channels; channel += kLanes) {
      const int64_t count = std::min(kLanes, d.channels - channel);
      uint32_t sums[kPixels][kLanes];
      for (auto& row : sums) std::copy_n(d.start + channel, kLanes, row);
      if (count == kLanes) {
        add_depthwise(d, pixel, pixels, channel, padded, sums);
      } else {
        for (int64_t i = 0; i < count; ++i) add_depthwise_channel(d, pixel, pixels, channel, padded, i, sums);
      }
      for (int64_t p = 0; p < pixels; ++p) {
        const int64_t at = (pixel + p) * d.output_stride + channel;
        const auto* row = reinterpret_cast<const int32_t*>(sums[p]);
        if constexpr (kOutput == Output::kCodes) {
          store_codes(row, count, d.requantization.scales + channel, d.requantization,
                      static_cast<int8_t*>(d.output) + at);
        } else if constexpr (kOutput == Output::kFloats) {
          store_floats(row, count, d.dequantization.rows[(pixel + p) * d.dequantization.row_step], d.dequantization,
                       channel, static_cast<float*>(d.output) + at);
        } else {
          std::copy_n(row, count, static_cast<int32_t*>(d.output) + at);
        }
      }
    }
  }
}

}  // namespace

constinit const Int8Kernels kInt8Portable = {.name = "int8_gemm_portable",
                                             .columns = kColumns,
                                             .lanes = kColumns,
                                             .rows = kRows,
                                             .offset = 0,
                                             .code_bytes = sizeof(int16_t),
                                             .row_bytes = row_bytes,
                                             .prepare_rows = prepare_rows,
                                             .panel_bytes = panel_bytes,
                                             .pack = pack,
                                             .codes = panel<Output::kCodes>,
                                             .floats = panel<Output::kFloats>,
                                             .sums = panel<Output::kSums>};

constinit const Int8DepthwiseKernels kInt8DepthwisePortable = {
    .name = "int8_depthwise_portable",
    .weight_bytes = tap_pairs_bytes,
    .pack = pack_tap_pairs,
    .codes = depthwise<Output::kCodes>,
    .floats = if_selected("hybrid", depthwise<Output::kFloats>),
    .sums = if_selected(kIntegerSums, depthwise<Output::kSums>)};

}  // namespace burin::gemm
