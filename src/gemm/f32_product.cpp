#include "gemm/f32_product.hpp"

#include <algorithm>
#include <limits>

#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kBlockDepth = 1024;        // terms of a gathered block, where a kernel position has fewer
constexpr int64_t kBlockBytes = 128 * 1024;  // of a block of rows: a quarter of a small second-level cache
constexpr int64_t kMaxBlockRows = 192;

}  // namespace

// What one thread computes: rows [row_begin, row_end) x panels [panel_begin, panel_end) of every group.
struct F32Product::Part {
  int64_t row_begin, row_end;
  int64_t panel_begin, panel_end;
};

F32Product::F32Product(const F32Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
                       const WeightsLayout& weights, const std::byte* bias, FloatRange clamp)
    : kernels_(kernels), patches_(patches), groups_(groups), n_(n), clamp_(clamp) {
  const int64_t panel_columns = kernels.vectors * kernels.lanes;
  const int64_t depth = patches.depth();
  panels_ = round_up(n, panel_columns) / panel_columns;
  padded_n_ = round_up(n, kernels.lanes);
  block_taps_ = std::clamp<int64_t>(kBlockDepth / patches.channels, 1, patches.taps());
  const int64_t block_depth = patches.is_matrix() ? depth : block_taps_ * patches.channels;
  block_rows_ = std::clamp<int64_t>(kBlockBytes / int64_t{sizeof(float)} / block_depth / kernels.rows * kernels.rows,
                                    kernels.rows, kMaxBlockRows / kernels.rows * kernels.rows);
  scratch_size_ = patches.is_matrix() ? 0 : round_up(block_rows_ * block_depth, 16);

  weights_ = AlignedBuffer<float>(static_cast<size_t>(groups * depth * padded_n_));
  bias_ = AlignedBuffer<float>(static_cast<size_t>(groups * padded_n_));
  float* packed = weights_.data();
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t begin = 0; begin < padded_n_; begin += panel_columns) {
      const int64_t columns = std::min(panel_columns, padded_n_ - begin);
      const int64_t valid = std::min(columns, n - begin);
      for (int64_t j = 0; j < valid; ++j) {
        for (int64_t k = 0; k < depth; ++k) packed[k * columns + j] = weights.at<float>(group, begin + j, k);
      }
      packed += depth * columns;
    }
    for (int64_t j = 0; j < n; ++j) bias_.data()[group * padded_n_ + j] = element_or_zero<float>(bias, group * n + j);
  }
}

size_t F32Product::scratch_bytes(int threads) const {
  return static_cast<size_t>(threads) * static_cast<size_t>(scratch_size_) * sizeof(float);
}

void F32Product::run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads) const {
  const int64_t rows = patches_.rows();
  const int64_t row_tiles = round_up(rows, kernels_.rows) / kernels_.rows;
  // Few rows: threads share the columns instead.
  const bool by_rows = row_tiles >= 4 * threads.threads() || row_tiles >= panels_;
  threads.parallel_for(by_rows ? row_tiles : panels_, 1, [&](int64_t begin, int64_t end, int thread) {
    const Part part = by_rows ? Part{begin * kernels_.rows, std::min(end * kernels_.rows, rows), 0, panels_}
                              : Part{0, rows, begin, end};
    run_part(part, image, output, reinterpret_cast<float*>(scratch) + thread * scratch_size_);
  });
}

void F32Product::run_part(const Part& part, const float* image, float* output, float* scratch) const {
  const int64_t panel_columns = kernels_.vectors * kernels_.lanes;
  const int64_t depth = patches_.depth();
  const int64_t row_stride = groups_ * n_;
  const bool direct = patches_.is_matrix();
  const int64_t block_taps = direct ? 1 : block_taps_;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (int64_t row = part.row_begin; row < part.row_end; row += block_rows_) {
    const int64_t row_end = std::min(row + block_rows_, part.row_end);
    for (int64_t group = 0; group < groups_; ++group) {
      const float* channels = image + group * patches_.channels;
      for (int64_t tap = 0; tap < patches_.taps(); tap += block_taps) {
        const int64_t tap_end = std::min(tap + block_taps, patches_.taps());
        F32Tile tile;
        tile.k = (tap_end - tap) * patches_.channels;
        tile.a_stride = direct ? patches_.pixel_stride : tile.k;
        if (!direct) gather_patches(patches_, channels, row, row_end, tap, tap_end, 0.0f, scratch, tile.a_stride);
        const float* block = direct ? channels + row * patches_.pixel_stride : scratch;
        const bool first = tap == 0;
        const bool last = tap_end == patches_.taps();
        tile.min = last ? clamp_.min : -kInfinity;
        tile.max = last ? clamp_.max : kInfinity;
        tile.c_stride = row_stride;
        for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
          const int64_t column = panel * panel_columns;
          tile.columns = std::min(panel_columns, n_ - column);
          const int64_t vectors = (tile.columns + kernels_.lanes - 1) / kernels_.lanes;
          tile.b = weights_.data() + (group * padded_n_ + column) * depth +
                   tap * patches_.channels * vectors * kernels_.lanes;
          tile.bias = first ? bias_.data() + group * padded_n_ + column : nullptr;
          for (int64_t r = row; r < row_end; r += kernels_.rows) {
            const int64_t tile_rows = std::min<int64_t>(kernels_.rows, row_end - r);
            tile.a = block + (r - row) * tile.a_stride;
            tile.c = output + r * row_stride + group * n_ + column;
            kernels_.tiles[(tile_rows - 1) * kernels_.vectors + vectors - 1](tile);
          }
        }
      }
    }
  }
}

}  // namespace burin::gemm
