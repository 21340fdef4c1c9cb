// Integer depthwise convolution with multiplier 1, as F32DepthwiseConvolution and with the sums of Int8Product.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gemm/aligned_buffer.hpp"
#include "gemm/int8_product.hpp"

namespace burin::gemm {

class Int8DepthwiseConvolution {
 public:
  // `weights`: [taps][channels] int8; `bias`: [channels] int32 or null.
  Int8DepthwiseConvolution(const Int8DepthwiseKernels& kernels, const Patches& patches, const std::byte* weights,
                           const std::byte* bias, int32_t zero_point);

  const char* name() const { return kernels_.name; }
  int64_t channels() const { return patches_.channels; }
  size_t packed_bytes() const { return weights_.bytes() + start_.bytes(); }
  size_t scratch_bytes(int threads) const;

  // As Int8Product::run.
  void run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
           runtime::ThreadPool& threads) const;

 private:
  void run_rows(int64_t begin, int64_t end, const int8_t* image, int8_t padding, const Int8Destination& destination,
                std::byte* scratch) const;

  const Int8DepthwiseKernels& kernels_;
  Patches patches_;
  int64_t pairs_;
  int64_t inputs_bytes_, outside_bytes_, sums_bytes_;  // scratch per thread
  AlignedBuffer<int16_t> weights_;                     // [pairs][padded channels][2]
  AlignedBuffer<int32_t> start_;                       // [padded channels]
};

}  // namespace burin::gemm
