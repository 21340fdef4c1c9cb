// Float depthwise convolution with multiplier 1: every output channel reads the input channel of its own number.
//
// Pixels of a row whose kernel positions lie inside the image are one call of the micro-kernel; near the borders calls
// are smaller, and positions outside the image point to zeros.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gemm/aligned_buffer.hpp"
#include "gemm/f32_kernels.hpp"
#include "gemm/patches.hpp"
#include "ops/fused_activation.hpp"
#include "runtime/thread_pool.hpp"

namespace burin::gemm {

class F32DepthwiseConvolution {
 public:
  // `weights`: [taps][channels]; `bias`: [channels] or null.
  F32DepthwiseConvolution(const F32Kernels& kernels, const Patches& patches, const std::byte* weights,
                          const std::byte* bias, FloatRange clamp);

  const char* name() const { return kernels_.depthwise_name; }
  size_t packed_bytes() const { return weights_.bytes() + bias_.bytes() + zeros_.bytes(); }
  size_t scratch_bytes(int threads) const;
  void run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads) const;

 private:
  const F32Kernels& kernels_;
  Patches patches_;
  FloatRange clamp_;
  int64_t padded_channels_;
  AlignedBuffer<float> weights_;  // [taps][padded_channels]
  AlignedBuffer<float> bias_;     // [padded_channels]
  AlignedBuffer<float> zeros_;    // outside_elements
};

}  // namespace burin::gemm
