// Float convolution and fully connected as one blocked matrix product:
//   output[row][group * n + j] = clamp(bias[...] + sum over k of patches(group)[row][k] * weights[group][j][k])
//
// Weights are packed once, in panels of whole vectors of columns: [panel][k][column]. Rows are read from the image
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

// y = f(x) element by element; y may be x.
using F32Activation = void (*)(const float* x, float* y, int64_t count);

// What happens to the clamped output: a tensor of its shape is added, the sum clamped, then the activation.
struct F32Epilogue {
  const float* addend = nullptr;  // null: nothing is added
  FloatRange clamp = activation_range(FusedActivation::kNone);
  F32Activation activation = nullptr;  // null: none

  // For the part of the output that begins at an element.
  F32Epilogue from(int64_t element) const {
    return {addend == nullptr ? nullptr : addend + element, clamp, activation};
  }
};

class F32Product {
 public:
  // `bias`: groups * n floats, or null.
  F32Product(const F32Kernels& kernels, const Patches& patches, int64_t groups, int64_t n, const WeightsLayout& weights,
             const std::byte* bias, FloatRange clamp, runtime::WeightMemory* memory = nullptr);

  const char* name() const { return kernels_.product_name; }
  size_t packed_bytes() const { return weights_.bytes() + bias_.bytes(); }
  size_t scratch_bytes(int threads) const { return static_cast<size_t>(threads) * thread_scratch_bytes(); }
  void run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads,
           const F32Epilogue& epilogue = {}) const;

  // What an evaluation by row tiles (f32_row_tiles.hpp) needs of a product of one group.

  const Patches& patches() const { return patches_; }
  int64_t n() const { return n_; }
  int64_t panels() const { return panels_; }
  int64_t panel_columns() const { return panel_columns_; }  // of all but the last, which may have fewer
  size_t thread_scratch_bytes() const { return static_cast<size_t>(scratch_size_) * sizeof(float); }
  // Whether rows of the image are read where they lie but for pixels at the borders.
  static bool reads_in_place(const Patches& patches, int64_t groups) {
    return groups == 1 && place(patches, groups) != Place::kGathered;
  }

  // Where the results of whole rows of output pixels go: pixels `stride` elements apart, rows `row_stride`.
  struct Rows {
    float* c;
    int64_t stride;
    int64_t row_stride;
  };
  // One panel of output rows [y_begin, y_end) of picture `picture`. The product must read in place.
  void run_image_rows(const float* image, int64_t picture, int64_t y_begin, int64_t y_end, int64_t panel,
                      const Rows& result, float* scratch) const;

  // The left matrix in planes: element (r, k) at planes[k / plane * plane_stride + r * plane + k % plane].
  struct Planes {
    const float* data;
    int64_t plane;
    int64_t plane_stride;
  };
  // All panels of rows [0, rows) of such a matrix, on this thread.
  void run_planes(const Planes& planes, int64_t rows, float* output, const F32Epilogue& epilogue) const;
  // The same, on all threads.
  void run_planes(const Planes& planes, int64_t rows, float* output, runtime::ThreadPool& threads,
                  const F32Epilogue& epilogue) const;

 private:
  enum class Place : uint8_t {
    kMatrix,     // rows lie in the image as they are
    kImageRows,  // a kernel row of one pixel is one piece of memory, and short
    kGathered,
  };
  static Place place(const Patches& patches, int64_t groups);
  struct Part;
  // Calls body(part, thread) for parts of a matrix of that many rows.
  template <typename Body>
  void share(int64_t rows, runtime::ThreadPool& threads, Body&& body) const;
  const float* weights_at(int64_t group, int64_t panel, int64_t k) const;
  F32Panel panel_call(int64_t group, int64_t panel, int64_t k) const;
  void run_part(const Part& part, const float* image, float* output, float* scratch, const F32Epilogue& epilogue) const;
  void activate(const Part& part, float* output, const F32Epilogue& epilogue) const;
  void run_planes_part(const Part& part, const Planes& planes, float* output, const F32Epilogue& epilogue) const;
  void run_gathered_row(const float* image, int64_t picture, int64_t y, F32Panel& call, const Rows& result,
                        float* scratch) const;

  const F32Kernels& kernels_;
  Patches patches_;
  int64_t groups_;
  int64_t n_;
  FloatRange clamp_;
  Place place_;
  int64_t panel_columns_;
  int64_t panels_;                // of one group
  int64_t padded_n_;              // n rounded up to whole vectors
  int64_t tile_rows_;             // that a panel takes at a time
  int64_t block_rows_;            // rows that stay in cache while all panels pass
  int64_t block_taps_;            // kernel positions gathered at a time
  int64_t block_depth_;           // terms that all panels add before the next ones
  int64_t scratch_size_;          // floats per thread
  AlignedBuffer<float> weights_;  // [group][panel][depth][panel columns]
  AlignedBuffer<float> bias_;     // [group][padded_n]
};

}  // namespace burin::gemm
