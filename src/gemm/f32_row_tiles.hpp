// A float depthwise convolution with what stands before and after it, evaluated by tiles of output rows:
//
//   [convolution ->] depthwise convolution [-> 1x1 convolution [-> addition]]
//
// An activation may follow each of them.
//
// Channels are cut into planes as wide as a panel of the first product. For each tile and plane, the input rows that
// the tile adds are computed (or, without a first convolution, copied) into a ring of rows that has the zero border of
// the depthwise convolution around it, and the depthwise convolution follows at once while they are in cache; then the
// last product reads its planes. Nothing is computed twice within a thread. Each output is accumulated in the order in
// which separate steps accumulate it, so that results are theirs bit for bit, whatever tiles and threads are.
//
// Threads share the output rows; where that would compute many rows twice, they share the planes, then the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gemm/f32_product.hpp"

namespace burin::gemm {

// A depthwise convolution with multiplier 1: `weights` [taps][channels]; `bias` [channels] or null.
struct F32Depthwise {
  Patches patches;
  const std::byte* weights;
  const std::byte* bias;
  FloatRange clamp;
  F32Activation activation = nullptr;  // of the clamped output; null: none
};

class F32RowTiles {
 public:
  // Whether the border beside the image, which is made in memory, is not much wider than the image.
  static bool takes(const Patches& depthwise) {
    return (depthwise.out_w - 1) * depthwise.stride_w + (depthwise.kernel_w - 1) * depthwise.dilation_w <=
           2 * depthwise.in_w + kMaxBorder;
  }
  // `first`: one group, reads in place, makes the depthwise convolution's input; `last`: a matrix product of its
  // output.
  F32RowTiles(const F32Kernels& kernels, std::optional<F32Product> first, F32Activation first_activation,
              const F32Depthwise& depthwise, std::optional<F32Product> last, runtime::WeightMemory* memory = nullptr);

  const char* name() const;
  size_t packed_bytes() const;
  size_t scratch_bytes(int threads) const;
  // `image`: of the first product, or of the depthwise convolution. The epilogue is the last product's.
  void run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads,
           const F32Epilogue& epilogue = {}) const;

 private:
  static constexpr int64_t kMaxBorder = 1024;

  // How rows are cut, and where the parts of a thread's scratch memory lie (in floats).
  struct Tiling {
    bool by_planes;     // threads share planes of a whole picture
    int64_t rows;       // output rows of a tile
    int64_t ring_rows;  // input rows that a plane holds
    int64_t ring_planes;
    int64_t product, ring, outside, thread_floats;
    int64_t depthwise;  // floats of the depthwise output of a tile, shared by threads where they share planes
  };
  struct Tile;

  Tiling tiling(int threads) const;
  Tiling make_tiling(bool by_planes, int64_t rows) const;
  void fill_border(const Tiling& tiling, float* ring, float* outside) const;
  void run_plane(const Tiling& tiling, const Tile& tile, int64_t plane, const float* image, float* scratch,
                 float* planes, float* output) const;
  void fill_rows(const Tiling& tiling, int64_t picture, int64_t begin, int64_t end, int64_t plane, const float* image,
                 float* ring, float* product_scratch) const;
  void activate_rows(int64_t begin, int64_t end, float* output) const;
  void run_rows(const Tiling& tiling, int64_t begin, int64_t end, const float* image, float* output, float* scratch,
                const F32Epilogue& epilogue) const;
  void run_picture(const Tiling& tiling, int64_t picture, const float* image, float* output, std::byte* scratch,
                   runtime::ThreadPool& threads, const F32Epilogue& epilogue) const;

  int64_t plane_channels(int64_t plane) const;

  const F32Kernels& kernels_;
  std::optional<F32Product> first_;
  std::optional<F32Product> last_;
  Patches patches_;  // of the depthwise convolution
  FloatRange clamp_;
  F32Activation first_activation_;
  F32Activation activation_;
  int64_t plane_;  // channels of a plane, also of the last
  int64_t planes_;
  int64_t pitch_;                 // floats of a row of a plane, with its border
  int64_t reach_;                 // input rows of one output row
  AlignedBuffer<float> weights_;  // [planes][taps][plane]
  AlignedBuffer<float> bias_;     // [planes][plane]
};

}  // namespace burin::gemm
