// Plain loops over lanes, for any machine.
#include <algorithm>

#include "gemm/int8_kernels.hpp"
#include "ops/requantize.hpp"

namespace burin::gemm {

namespace {

// Wraps around like the vector instructions.
int32_t add_product(int32_t sum, int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(sum) + static_cast<uint32_t>(a * b));
}

void store_codes(const int32_t* sums, int64_t count, const float* scales, const Requantization& q, int8_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    out[i] = static_cast<int8_t>(requantize_litert(sums[i], scales[i], q.zero_point, q.min, q.max));
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

struct Portable {
  static constexpr int kLanes = 8, kRows = 4, kVectors = 1, kGroup = 2, kCodeBytes = 2;
  struct V {
    int32_t lane[kLanes];
  };
  struct W {
    int16_t first[kLanes], second[kLanes];
  };
  struct A {
    int16_t first, second;
  };

  static V load(const int32_t* p) {
    V v;
    for (int i = 0; i < kLanes; ++i) v.lane[i] = p[i];
    return v;
  }
  static void store(const V& v, int32_t* p) {
    for (int i = 0; i < kLanes; ++i) p[i] = v.lane[i];
  }
  static W load_weights(const int8_t* p) {
    W w;
    for (int i = 0; i < kLanes; ++i) w.first[i] = p[2 * i], w.second[i] = p[2 * i + 1];
    return w;
  }
  static A load_codes(const std::byte* p) {
    A a;
    __builtin_memcpy(&a, p, sizeof(a));
    return a;
  }
  static V multiply_add(V sum, A a, const W& w) {
    for (int i = 0; i < kLanes; ++i) {
      sum.lane[i] = add_product(add_product(sum.lane[i], a.first, w.first[i]), a.second, w.second[i]);
    }
    return sum;
  }
  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
    std::copy_n(sums[0].lane, columns, out);
  }
  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    gemm::store_codes(sums[0].lane, columns, q.scales, q, out);
  }
  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    gemm::store_floats(sums[0].lane, columns, row, d, 0, out);
  }
};

#include "gemm/int8_kernels.inc.hpp"

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    auto* wide = reinterpret_cast<int16_t*>(out);
    for (int64_t k = 0; k < depth; ++k) wide[k] = codes[k];
    if (depth % 2 != 0) wide[depth] = 0;
  }
}

template <Output kOutput>
void depthwise(const Int8Depthwise& d) {
  constexpr int64_t kLanes = kInt8DepthwiseLanes;
  const int64_t padded = (d.channels + kLanes - 1) / kLanes * kLanes;
  for (int64_t pixel = 0; pixel < d.pixels; ++pixel) {
    for (int64_t channel = 0; channel < d.channels; channel += kLanes) {
      const int64_t count = std::min(kLanes, d.channels - channel);
      int32_t sums[kLanes];
      std::copy_n(d.start + channel, count, sums);
      for (int64_t tap = 0; tap < d.pairs * 2; ++tap) {
        const int8_t* input = d.inputs[tap] + pixel * d.input_stride + channel;
        const int16_t* weights = d.weights + (tap / 2 * padded + channel) * 2 + tap % 2;
        for (int64_t i = 0; i < count; ++i) sums[i] = add_product(sums[i], input[i], weights[2 * i]);
      }
      const int64_t at = pixel * d.output_stride + channel;
      if constexpr (kOutput == Output::kCodes) {
        store_codes(sums, count, d.requantization.scales + channel, d.requantization,
                    static_cast<int8_t*>(d.output) + at);
      } else if constexpr (kOutput == Output::kFloats) {
        store_floats(sums, count, d.dequantization.rows[pixel * d.dequantization.row_step], d.dequantization, channel,
                     static_cast<float*>(d.output) + at);
      } else {
        std::copy_n(sums, count, static_cast<int32_t*>(d.output) + at);
      }
    }
  }
}

}  // namespace

constinit const Int8Kernels kInt8Portable = int8_kernel_set<Portable>("int8_gemm_portable", 0, prepare_rows);

constinit const Int8DepthwiseKernels kInt8DepthwisePortable = {"int8_depthwise_portable", depthwise<Output::kCodes>,
                                                               depthwise<Output::kFloats>, depthwise<Output::kSums>};

}  // namespace burin::gemm
