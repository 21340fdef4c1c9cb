// Integer convolution and fully connected as one blocked matrix product, as F32Product:
//   sum[row][channel] = bias[channel] + sum over k of (codes(group)[row][k] - zero_point) * weights[group][j][k]
//
// The zero point is folded into what the sums start from, so that the loops multiply codes as they are; positions
// outside the image have the code of the zero point. Sums are exact modulo 2^32, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gemm/aligned_buffer.hpp"
#include "gemm/int8_kernels.hpp"
#include "gemm/narrow_sums.hpp"
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

// Where sums go: codes in `litert` arithmetic, floats, or a consumer for anything else. Vectors per channel have
// kChannelPadding elements more than there are channels.
struct Int8Destination {
  const Requantization* requantization = nullptr;
  int8_t* codes = nullptr;
  const Dequantization* dequantization = nullptr;
  float* floats = nullptr;
  const SumsConsumer* consumer = nullptr;

  static Int8Destination to_codes(const Requantization& requantization, int8_t* codes) {
    return {.requantization = &requantization, .codes = codes};
  }
  static Int8Destination to_floats(const Dequantization& dequantization, float* floats) {
    return {.dequantization = &dequantization, .floats = floats};
  }
  static Int8Destination to_consumer(const SumsConsumer& consumer) { return {.consumer = &consumer}; }
};

// Float rows that a product quantizes block by block, each with parameters of its own.
struct RowQuantizer {
  const QuantizeRowKernels* kernels = nullptr;
  RowCoding coding = RowCoding::kAsymmetric;
};

class Int8Product {
 public:
  // `bias`: groups * n int32, or null.
  Int8Product(const Int8Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
              const WeightsLayout& weights, const std::byte* bias, int32_t zero_point,
              runtime::WeightMemory* memory = nullptr);
  // Of float rows, for run_rows(): a plain matrix in one group, without zero point and bias.
  Int8Product(const Int8Kernels& kernels, const RowQuantizer& quantizer, int64_t rows, int64_t depth, int64_t n,
              const WeightsLayout& weights, runtime::WeightMemory* memory = nullptr);

  const char* name() const { return kernels_.name; }
  int64_t channels() const { return groups_ * n_; }
  size_t packed_bytes() const { return weights_.bytes() + start_.bytes(); }
  size_t scratch_bytes(int threads) const;
  // As NarrowSums::take.
  std::vector<uint8_t> take_narrow(const float* scales) { return narrow_.take(scales); }

  // `padding`: the code of positions outside the image.
  void run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
           runtime::ThreadPool& threads) const;
  // `dequantization.rows` is not looked at.
  void run_rows(const float* rows, const Dequantization& dequantization, float* outputs, std::byte* scratch,
                runtime::ThreadPool& threads) const;

 private:
  enum class Place : uint8_t {
    kMatrix,     // rows lie in the image as they are
    kImageRows,  // a kernel row of one pixel is one piece of memory: whole rows of the image are prepared
    kGathered,
  };
  struct Part;
  template <typename Body>
  void for_each_part(std::byte* scratch, runtime::ThreadPool& threads, Body&& body) const;
  void run_part(const Part& part, const int8_t* image, int8_t padding, const Int8Destination& destination,
                std::byte* scratch) const;
  void run_image_rows(const Part& part, const int8_t* image, int8_t padding, const Int8Destination& destination,
                      std::byte* scratch) const;
  // Prepares rows of the padded image from row `y` (in the image's own count) of picture `picture` on. `outside`: the
  // prepared code of the padding, for a whole row.
  void prepare_image_rows(const int8_t* image, int64_t picture, int64_t y, int64_t rows, const std::byte* outside,
                          std::byte* out) const;
  size_t thread_scratch_bytes() const {
    return static_cast<size_t>(prepared_bytes_ + gathered_bytes_ + sums_bytes_ + affine_bytes_);
  }
  void run_float_part(const Part& part, const float* rows, const Dequantization& dequantization, float* outputs,
                      std::byte* scratch) const;
  void run_panels(Int8Panel& call, const Part& part, int64_t row, int64_t group, const Int8Destination& destination,
                  int32_t* sums) const;
  // One panel of output rows from `row` and channels from `channel` on; `sums` has room for a tile.
  void run_panel(Int8Panel& call, int64_t row, int64_t channel, const Int8Destination& destination,
                 int32_t* sums) const;

  const Int8Kernels& kernels_;
  Patches patches_;
  int64_t groups_;
  int64_t n_;
  Place place_;
  int64_t pieces_;       // of a sum: kernel rows, where image rows are prepared
  int64_t panels_;       // of one group
  int64_t padded_n_;     // n rounded up to whole vectors
  int64_t panel_bytes_;  // of a whole panel
  int64_t group_bytes_;  // of all panels of one group
  int64_t row_bytes_;    // of a prepared row, or row of the padded image
  int64_t block_rows_;   // rows (of pixels: kImageRows) that stay in cache while all panels pass
  // Scratch per thread.
  int64_t prepared_bytes_;
  int64_t gathered_bytes_;  // of the codes of a block, where they do not lie in the image as they are
  int64_t sums_bytes_;      // of a tile
  int64_t affine_bytes_ = 0;
  RowQuantizer quantizer_;
  AlignedBuffer<std::byte> weights_;  // [group][panel]
  AlignedBuffer<int32_t> start_;      // [group][padded_n]
  NarrowSums narrow_;
};

}  // namespace burin::gemm
