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
                           const std::byte* bias, int32_t zero_point, runtime::WeightMemory* memory = nullptr);

  const char* name() const { return kernels_.name; }
  int64_t channels() const { return patches_.channels; }
  size_t packed_bytes() const { return weights_.bytes() + strip_weights_.bytes() + start_.bytes(); }
  size_t scratch_bytes(int threads) const;
  std::vector<uint8_t> take_narrow(const float* scales) { return narrow_.take(scales); }

  // As Int8Product::run.
  void run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
           runtime::ThreadPool& threads) const;

 private:
  // Output rows of one strip.
  int64_t strip_rows() const {
    return patches_.stride_h == 1 && patches_.dilation_h == 1 && patches_.out_h > 1 ? 2 : 1;
  }
  int64_t strips() const { return (patches_.out_h + strip_rows() - 1) / strip_rows(); }  // of a picture
  void run_strips(int64_t begin, int64_t end, const int8_t* image, int8_t padding, const Int8Destination& destination,
                  std::byte* scratch) const;
  size_t thread_scratch_bytes() const { return static_cast<size_t>(inputs_bytes_ + outside_bytes_ + sums_bytes_); }
  void run_rows(int64_t begin, int64_t end, const int8_t* image, int8_t padding, const Int8Destination& destination,
                std::byte* scratch) const;

  // Pixels of whole output rows, from a ring of image rows with the border beside them.
  void run_ring(int64_t begin, int64_t end, const int8_t* image, int8_t padding, const Int8Destination& destination,
                std::byte* scratch) const;
  void run_segment(Int8Depthwise& call, int64_t pixel, int64_t pixels, const Int8Destination& destination,
                   const int8_t** inputs, int32_t* sums) const;
  // What all calls of a kernel have in common.
  Int8Depthwise segment_call(const Int8Destination& destination, const int8_t** inputs) const;

  const Int8DepthwiseKernels& kernels_;
  Patches patches_;
  bool by_strips_;
  int64_t pairs_;
  int64_t ring_rows_ = 0;   // 0: rows are read where they lie
  int64_t ring_pitch_;      // bytes of one
  int64_t segment_pixels_;  // of a strip
  int64_t inputs_bytes_;    // scratch per thread: addresses,
  int64_t outside_bytes_;   // what stands for positions outside the image, or a strip's interleaved codes,
  int64_t sums_bytes_;      // sums for a consumer
  AlignedBuffer<std::byte> strip_weights_;
  AlignedBuffer<std::byte> weights_;  // packed by the kernels
  AlignedBuffer<int32_t> start_;      // [padded channels]
  NarrowSums narrow_;
};

}  // namespace burin::gemm
