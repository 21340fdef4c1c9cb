// Float convolution and fully connected as one blocked matrix product:
//   output[row][group * n + j] = clamp(bias[...] + sum over k of patches(group)[row][k] * weights[group][j][k])
//
// Weights are packed once, in panels of `vectors * lanes` columns: [panel][k][column]. Rows are read from the image
// where they lie in it, else gathered block by block into scratch memory whose size does not depend on the image.
// Sums run over k in ascending order whatever the blocks and threads are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gemm/aligned_buffer.hpp"
#include "gemm/f32_kernels.hpp"
#include "gemm/patches.hpp"
#include "gemm/weights_layout.hpp"
#include "ops/fused_activation.hpp"
#include "runtime/thread_pool.hpp"

namespace burin::gemm {

class F32Product {
 public:
  // `bias`: groups * n floats, or null.
  F32Product(const F32Kernels& kernels, const Patches& patches, int64_t groups, int64_t n, const WeightsLayout& weights,
             const std::byte* bias, FloatRange clamp);

  const char* name() const { return kernels_.product_name; }
  size_t packed_bytes() const { return weights_.bytes() + bias_.bytes(); }
  size_t scratch_bytes(int threads) const;
  void run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads) const;

 private:
  struct Part;
  void run_part(const Part& part, const float* image, float* output, float* scratch) const;

  const F32Kernels& kernels_;
  Patches patches_;
  int64_t groups_;
  int64_t n_;
  FloatRange clamp_;
  int64_t panels_;                // of one group
  int64_t padded_n_;              // n rounded up to whole vectors
  int64_t block_rows_;            // rows that stay in cache while all panels pass
  int64_t block_taps_;            // kernel positions gathered at a time
  int64_t scratch_size_;          // floats per thread
  AlignedBuffer<float> weights_;  // [group][panel][depth][panel columns]
  AlignedBuffer<float> bias_;     // [group][padded_n]
};

}  // namespace burin::gemm
