// Integer convolution and fully connected as one blocked matrix product, as F32Product:
//   sum[row][channel] = bias[channel] + sum over k of (codes(group)[row][k] - zero_point) * weights[group][j][k]
//
// The zero point is folded into what the sums start from, so that the loops multiply codes as they are; positions
// outside the image have the code of the zero point. Sums are exact modulo 2^32, in any order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gemm/aligned_buffer.hpp"
#include "gemm/int8_kernels.hpp"
#include "gemm/patches.hpp"
#include "gemm/weights_layout.hpp"
#include "runtime/thread_pool.hpp"

namespace burin::gemm {

// Takes the sums [rows][columns] of output rows from `row` and channels from `channel` on.
struct SumsConsumer {
  virtual ~SumsConsumer() = default;
  virtual void consume(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums,
                       int64_t stride) const = 0;
};

// Where sums go: codes in `litert` arithmetic, or a consumer for anything else.
struct Int8Destination {
  const Requantization* requantization;  // scales: one per output channel and kInt8ScalePadding more
  int8_t* codes;
  const SumsConsumer* consumer;  // where requantization is null
};
inline constexpr int64_t kInt8ScalePadding = 64;  // whole vectors are read

class Int8Product {
 public:
  // `bias`: groups * n int32, or null.
  Int8Product(const Int8Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
              const WeightsLayout& weights, const std::byte* bias, int32_t zero_point);

  const char* name() const { return kernels_.name; }
  int64_t channels() const { return groups_ * n_; }
  size_t packed_bytes() const { return weights_.bytes() + start_.bytes(); }
  size_t scratch_bytes(int threads) const;

  // `padding`: the code of positions outside the image.
  void run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
           runtime::ThreadPool& threads) const;

 private:
  struct Part;
  void run_part(const Part& part, const int8_t* image, int8_t padding, const Int8Destination& destination,
                std::byte* scratch) const;

  const Int8Kernels& kernels_;
  Patches patches_;
  int64_t groups_;
  int64_t n_;
  int64_t panels_;                                        // of one group
  int64_t padded_n_;                                      // n rounded up to whole vectors
  int64_t term_groups_;                                   // of one row
  int64_t row_bytes_;                                     // of a prepared row
  int64_t block_rows_;                                    // rows that stay in cache while all panels pass
  int64_t prepared_bytes_, gathered_bytes_, sums_bytes_;  // scratch per thread
  AlignedBuffer<int8_t> weights_;                         // [group][panel][term group][column][term]
  AlignedBuffer<int32_t> start_;                          // [group][padded_n]
};

}  // namespace burin::gemm
