#include "gemm/int8_product.hpp"

#include <algorithm>

#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kBlockBytes = 64 * 1024;  // of a block of prepared rows
constexpr int64_t kMaxBlockRows = 192;

}  // namespace

// What one thread computes: rows [row_begin, row_end) x panels [panel_begin, panel_end) of every group.
struct Int8Product::Part {
  int64_t row_begin, row_end;
  int64_t panel_begin, panel_end;
};

Int8Product::Int8Product(const Int8Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
                         const WeightsLayout& weights, const std::byte* bias, int32_t zero_point)
    : kernels_(kernels), patches_(patches), groups_(groups), n_(n) {
  const int64_t panel_columns = kernels.vectors * kernels.lanes;
  const int64_t depth = patches.depth();
  panels_ = round_up(n, panel_columns) / panel_columns;
  padded_n_ = round_up(n, kernels.lanes);
  term_groups_ = round_up(depth, kernels.group) / kernels.group;
  row_bytes_ = term_groups_ * kernels.group * kernels.code_bytes;
  block_rows_ = std::clamp<int64_t>(kBlockBytes / row_bytes_ / kernels.rows * kernels.rows, kernels.rows,
                                    kMaxBlockRows / kernels.rows * kernels.rows);
  prepared_bytes_ = round_up(block_rows_ * row_bytes_, 64);
  gathered_bytes_ = patches.is_matrix() ? 0 : round_up(block_rows_ * depth, 64);
  sums_bytes_ = kernels.rows * panel_columns * int64_t{sizeof(int32_t)};

  weights_ = AlignedBuffer<int8_t>(static_cast<size_t>(groups * term_groups_ * kernels.group * padded_n_));
  start_ = AlignedBuffer<int32_t>(static_cast<size_t>(groups * padded_n_));
  int8_t* packed = weights_.data();
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t begin = 0; begin < padded_n_; begin += panel_columns) {
      const int64_t columns = std::min(panel_columns, padded_n_ - begin);
      const int64_t valid = std::min(columns, n - begin);
      for (int64_t j = 0; j < valid; ++j) {
        uint32_t sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          const int8_t weight = weights.at<int8_t>(group, begin + j, k);
          sum += static_cast<uint32_t>(weight);
          packed[(k / kernels.group * columns + j) * kernels.group + k % kernels.group] = weight;
        }
        const auto first = static_cast<uint32_t>(element_or_zero<int32_t>(bias, group * n + begin + j));
        start_.data()[group * padded_n_ + begin + j] =
            static_cast<int32_t>(first - sum * static_cast<uint32_t>(zero_point + kernels.offset));
      }
      packed += term_groups_ * kernels.group * columns;
    }
  }
}

size_t Int8Product::scratch_bytes(int threads) const {
  return static_cast<size_t>(threads) * static_cast<size_t>(prepared_bytes_ + gathered_bytes_ + sums_bytes_);
}

void Int8Product::run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
                      runtime::ThreadPool& threads) const {
  const int64_t rows = patches_.rows();
  const int64_t row_tiles = round_up(rows, kernels_.rows) / kernels_.rows;
  // Few rows: threads share the columns instead.
  const bool by_rows = row_tiles >= 4 * threads.threads() || row_tiles >= panels_;
  threads.parallel_for(by_rows ? row_tiles : panels_, 1, [&](int64_t begin, int64_t end, int thread) {
    const Part part = by_rows ? Part{begin * kernels_.rows, std::min(end * kernels_.rows, rows), 0, panels_}
                              : Part{0, rows, begin, end};
    run_part(part, image, padding, destination, scratch + thread * (prepared_bytes_ + gathered_bytes_ + sums_bytes_));
  });
}

void Int8Product::run_part(const Part& part, const int8_t* image, int8_t padding, const Int8Destination& destination,
                           std::byte* scratch) const {
  const int64_t panel_columns = kernels_.vectors * kernels_.lanes;
  const int64_t depth = patches_.depth();
  const int64_t channel_count = channels();
  std::byte* prepared = scratch;
  auto* gathered = reinterpret_cast<int8_t*>(scratch + prepared_bytes_);
  auto* sums = reinterpret_cast<int32_t*>(scratch + prepared_bytes_ + gathered_bytes_);
  Int8Tile tile;
  tile.groups = term_groups_;
  tile.a_stride = row_bytes_;
  if (destination.requantization != nullptr) tile.requantization = *destination.requantization;
  for (int64_t row = part.row_begin; row < part.row_end; row += block_rows_) {
    const int64_t row_end = std::min(row + block_rows_, part.row_end);
    for (int64_t group = 0; group < groups_; ++group) {
      const int8_t* codes = image + group * patches_.channels;
      if (patches_.is_matrix()) {
        kernels_.prepare_rows(codes + row * patches_.pixel_stride, patches_.pixel_stride, row_end - row, depth,
                              prepared, row_bytes_);
      } else {
        gather_patches(patches_, codes, row, row_end, 0, patches_.taps(), padding, gathered, depth);
        kernels_.prepare_rows(gathered, depth, row_end - row, depth, prepared, row_bytes_);
      }
      for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
        const int64_t column = panel * panel_columns;
        const int64_t channel = group * n_ + column;
        tile.columns = std::min(panel_columns, n_ - column);
        const int64_t vectors = (tile.columns + kernels_.lanes - 1) / kernels_.lanes;
        tile.b = weights_.data() + (group * padded_n_ + column) * term_groups_ * kernels_.group;
        tile.start = start_.data() + group * padded_n_ + column;
        if (destination.requantization != nullptr)
          tile.requantization.scales = destination.requantization->scales + channel;
        for (int64_t r = row; r < row_end; r += kernels_.rows) {
          const int64_t tile_rows = std::min<int64_t>(kernels_.rows, row_end - r);
          const int64_t index = (tile_rows - 1) * kernels_.vectors + vectors - 1;
          tile.a = prepared + (r - row) * row_bytes_;
          if (destination.requantization != nullptr) {
            tile.c = destination.codes + r * channel_count + channel;
            tile.c_stride = channel_count;
            kernels_.tile_codes[index](tile);
          } else {
            tile.c = sums;
            tile.c_stride = panel_columns;
            kernels_.tile_sums[index](tile);
            destination.consumer->consume(r, channel, tile_rows, tile.columns, sums, panel_columns);
          }
        }
      }
    }
  }
}

}  // namespace burin::gemm
