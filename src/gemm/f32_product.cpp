#include "gemm/f32_product.hpp"

#include <algorithm>
#include <limits>

#include "gemm/pack_columns.hpp"
#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int64_t kBlockDepth = 512;         // terms of a block, where a gathered kernel position has fewer
constexpr int64_t kBlockBytes = 192 * 1024;  // of a block of rows: half of a small second-level cache
constexpr int64_t kMaxBlockRows = 192;
// Image rows that share a call where the pixels at their ends are gathered.
constexpr int64_t kImageRows = 8;
// Kernel rows of fewer elements are not worth a copy each.
constexpr int64_t kMaxKernelRow = 32;
// Rows of a matrix are read in blocks, between which weights are fetched.
constexpr int64_t kRowBlock = 32;
// A tile of fewer accumulators waits for its sums: multiply-adds take four cycles, and two start in each.
constexpr int64_t kMinAccumulators = 8;

// What a tile costs for each k, in multiply-adds of a vector: as many loads start in a cycle as multiply-adds.
int64_t tile_cost(int64_t rows, int64_t vectors) {
  return std::max({rows * vectors, rows + vectors, kMinAccumulators});
}

int64_t panel_cost(const F32Kernels& kernels, int64_t rows, int64_t vectors) {
  const int tile = kernels.tile_rows[vectors - 1];
  const int64_t last = f32_last_rows(tile), rest = rows % tile;
  return rows / tile * tile_cost(tile, vectors) + rest / last * tile_cost(last, vectors) +
         (rest % last == 0 ? 0 : tile_cost(rest % last == 1 ? 1 : last, vectors));
}

// The width of panels, in vectors, that wastes least.
int64_t choose_vectors(const F32Kernels& kernels, int64_t rows, int64_t n) {
  const int64_t all = divide_up(n, kernels.lanes);
  int64_t best = 1, best_cost = std::numeric_limits<int64_t>::max();
  for (int64_t vectors = std::min<int64_t>(kernels.vectors, all); vectors > 0; --vectors) {
    const int64_t last = all % vectors;
    const int64_t cost =
        all / vectors * panel_cost(kernels, rows, vectors) + (last > 0 ? panel_cost(kernels, rows, last) : 0);
    if (cost < best_cost) best = vectors, best_cost = cost;
  }
  return best;
}

void set_addition(const F32Epilogue& epilogue, int64_t place, int64_t stride, F32Panel& call) {
  if (epilogue.addend == nullptr) return;
  call.addend = epilogue.addend + place;
  call.addend_stride = stride;
  call.sum_min = epilogue.clamp.min;
  call.sum_max = epilogue.clamp.max;
}

}  // namespace

// What one thread computes: rows [row_begin, row_end) x panels [panel_begin, panel_end) of every group.
struct F32Product::Part {
  int64_t row_begin, row_end;
  int64_t panel_begin, panel_end;
};

F32Product::F32Product(const F32Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
                       const WeightsLayout& weights, const std::byte* bias, FloatRange clamp,
                       runtime::WeightMemory* memory)
    : kernels_(kernels), patches_(patches), groups_(groups), n_(n), clamp_(clamp) {
  const int64_t vectors = choose_vectors(kernels, patches.rows(), n);
  const int64_t depth = patches.depth();
  panel_columns_ = vectors * kernels.lanes;
  tile_rows_ = kernels.tile_rows[vectors - 1];
  panels_ = divide_up(n, panel_columns_);
  padded_n_ = round_up(n, kernels.lanes);
  place_ = place(patches, groups);
  block_taps_ = place_ == Place::kGathered ? std::clamp<int64_t>(kBlockDepth / patches.channels, 1, patches.taps())
                                           : patches.taps();
  block_depth_ = place_ == Place::kMatrix ? std::min(depth, kBlockDepth) : block_taps_ * patches.channels;
  block_rows_ = std::clamp<int64_t>(kBlockBytes / int64_t{sizeof(float)} / block_depth_ / tile_rows_ * tile_rows_,
                                    tile_rows_, round_up(kMaxBlockRows, tile_rows_));
  scratch_size_ = 0;
  if (place_ == Place::kImageRows) block_rows_ = std::max(block_rows_, kImageRows);
  if (place_ != Place::kMatrix) scratch_size_ = round_up(block_rows_ * block_depth_, 16);

  weights_ = AlignedBuffer<float>(static_cast<size_t>(groups * depth * padded_n_), memory);
  bias_ = AlignedBuffer<float>(static_cast<size_t>(groups * padded_n_), memory);
  float* packed = weights_.data();
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t begin = 0; begin < padded_n_; begin += panel_columns_) {
      const int64_t columns = std::min(panel_columns_, padded_n_ - begin);
      pack_columns(weights, group, begin, std::min(columns, n - begin), columns, depth, packed);
      packed += depth * columns;
    }
    for (int64_t j = 0; j < n; ++j) bias_.data()[group * padded_n_ + j] = element_or_zero<float>(bias, group * n + j);
  }
}

F32Product::Place F32Product::place(const Patches& patches, int64_t groups) {
  if (patches.is_matrix()) return Place::kMatrix;
  const bool short_rows = patches.dilation_w == 1 && patches.kernel_w * patches.channels <= kMaxKernelRow;
  return groups == 1 && short_rows ? Place::kImageRows : Place::kGathered;
}

const float* F32Product::weights_at(int64_t group, int64_t panel, int64_t k) const {
  const int64_t column = panel * panel_columns_;
  return weights_.data() + (group * padded_n_ + column) * patches_.depth() +
         k * std::min(panel_columns_, padded_n_ - column);
}

// Everything about the columns of a panel; the terms from `k` on.
F32Panel F32Product::panel_call(int64_t group, int64_t panel, int64_t k) const {
  const int64_t column = panel * panel_columns_;
  F32Panel call{};
  call.k = patches_.depth() - k;
  call.b = weights_at(group, panel, k);
  call.next = panel + 1 < panels_ ? weights_at(group, panel + 1, k) : call.b;
  call.columns = std::min(panel_columns_, n_ - column);
  call.bias = k == 0 ? bias_.data() + group * padded_n_ + column : nullptr;
  call.min = clamp_.min;
  call.max = clamp_.max;
  return call;
}

template <typename Body>
void F32Product::share(int64_t rows, runtime::ThreadPool& threads, Body&& body) const {
  const int64_t row_tiles = divide_up(rows, tile_rows_);
  // Threads share the rows or the columns, whichever gives none of them much more; then what is larger.
  const auto most = [&](int64_t items) { return divide_up(items, threads.threads()); };
  const int64_t rows_cost = most(row_tiles) * panels_, columns_cost = most(panels_) * row_tiles;
  const bool by_rows = rows_cost < columns_cost || (rows_cost == columns_cost && rows >= n_);
  const int64_t products = groups_ * patches_.depth() * (by_rows ? tile_rows_ * n_ : rows * panel_columns_);
  const int64_t grain = runtime::grain_of_products(products);
  threads.parallel_for(by_rows ? row_tiles : panels_, grain, [&](int64_t begin, int64_t end, int thread) {
    body(by_rows ? Part{begin * tile_rows_, std::min(end * tile_rows_, rows), 0, panels_} : Part{0, rows, begin, end},
         thread);
  });
}

void F32Product::run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads,
                     const F32Epilogue& epilogue) const {
  const auto thread_scratch = [&](int thread) { return reinterpret_cast<float*>(scratch) + thread * scratch_size_; };
  const Patches& p = patches_;
  if (place_ == Place::kImageRows && epilogue.addend == nullptr) {
    const int64_t grain = runtime::grain_of_products(p.out_w * p.depth() * n_);
    threads.parallel_for(p.batch * p.out_h, grain, [&](int64_t begin, int64_t end, int thread) {
      for (int64_t row = begin; row < end;) {
        const int64_t y = row % p.out_h;
        const int64_t count = std::min({kImageRows, end - row, p.out_h - y});
        for (int64_t panel = 0; panel < panels_; ++panel) {
          const Rows result{output + row * p.out_w * n_ + panel * panel_columns_, n_, p.out_w * n_};
          run_image_rows(image, row / p.out_h, y, y + count, panel, result, thread_scratch(thread));
        }
        activate({row * p.out_w, (row + count) * p.out_w, 0, panels_}, output, epilogue);
        row += count;
      }
    });
    return;
  }
  share(p.rows(), threads,
        [&](const Part& part, int thread) { run_part(part, image, output, thread_scratch(thread), epilogue); });
}

void F32Product::run_part(const Part& part, const float* image, float* output, float* scratch,
                          const F32Epilogue& epilogue) const {
  const int64_t row_stride = groups_ * n_;
  const int64_t depth = patches_.depth();
  const bool matrix = place_ == Place::kMatrix;
  for (int64_t row = part.row_begin; row < part.row_end; row += block_rows_) {
    const int64_t row_end = std::min(row + block_rows_, part.row_end);
    for (int64_t group = 0; group < groups_; ++group) {
      const float* channels = image + group * patches_.channels;
      for (int64_t k = 0; k < depth; k += block_depth_) {
        const int64_t k_end = std::min(k + block_depth_, depth);
        if (!matrix) {
          gather_patches(patches_, channels, row, row_end, k / patches_.channels, k_end / patches_.channels,
                         patches_.padding, scratch, k_end - k);
        }
        for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
          F32Panel call = panel_call(group, panel, k);
          const int64_t place = row * row_stride + group * n_ + panel * panel_columns_;
          if (panel + 1 == part.panel_end) call.next = weights_at(group, part.panel_begin, k_end < depth ? k_end : 0);
          call.rows = row_end - row;
          call.k = k_end - k;
          call.k_block = call.block_stride = kRowBlock;
          call.a = matrix ? channels + row * patches_.pixel_stride + k : scratch;
          call.a_stride = matrix ? patches_.pixel_stride : call.k;
          call.c = output + place;
          call.c_stride = row_stride;
          call.run = call.rows;
          if (k_end < depth) {
            call.min = -kInfinity;
            call.max = kInfinity;
          } else {
            set_addition(epilogue, place, row_stride, call);
          }
          kernels_.panels[divide_up(call.columns, kernels_.lanes) - 1](call);
        }
      }
    }
    activate({row, row_end, part.panel_begin, part.panel_end}, output, epilogue);
  }
}

// The activation of a part that is computed.
void F32Product::activate(const Part& part, float* output, const F32Epilogue& epilogue) const {
  if (epilogue.activation == nullptr) return;
  const int64_t row_stride = groups_ * n_;
  const int64_t begin = part.panel_begin * panel_columns_;
  const int64_t end = std::min(part.panel_end * panel_columns_, n_);
  if (begin == 0 && end == n_) {
    float* rows = output + part.row_begin * row_stride;
    return epilogue.activation(rows, rows, (part.row_end - part.row_begin) * row_stride);
  }
  for (int64_t row = part.row_begin; row < part.row_end; ++row) {
    for (int64_t group = 0; group < groups_; ++group) {
      float* columns = output + row * row_stride + group * n_ + begin;
      epilogue.activation(columns, columns, end - begin);
    }
  }
}

// The pixels of output row y, from gathered patches.
void F32Product::run_gathered_row(const float* image, int64_t picture, int64_t y, F32Panel& call, const Rows& result,
                                  float* scratch) const {
  const Patches& p = patches_;
  const int64_t first = (picture * p.out_h + y) * p.out_w;
  call.a = scratch;
  call.a_stride = call.k;
  call.k_block = call.block_stride = kRowBlock;
  call.c_stride = result.stride;
  for (int64_t x = 0; x < p.out_w; x += block_rows_) {
    call.rows = call.run = std::min(block_rows_, p.out_w - x);
    gather_patches(p, image, first + x, first + x + call.rows, 0, p.taps(), p.padding, scratch, call.k);
    call.c = result.c + x * result.stride;
    kernels_.panels[divide_up(call.columns, kernels_.lanes) - 1](call);
  }
}

void F32Product::run_image_rows(const float* image, int64_t picture, int64_t y_begin, int64_t y_end, int64_t panel,
                                const Rows& result, float* scratch) const {
  const Patches& p = patches_;
  F32Panel call = panel_call(0, panel, 0);
  const auto kernel = kernels_.panels[divide_up(call.columns, kernels_.lanes) - 1];
  if (place_ == Place::kMatrix) {
    call.rows = (y_end - y_begin) * p.out_w;
    call.k_block = call.block_stride = kRowBlock;
    call.a = image + (picture * p.out_h + y_begin) * p.out_w * p.pixel_stride;
    call.a_stride = p.pixel_stride;
    call.c = result.c;
    call.c_stride = result.stride;
    call.run = p.out_w;
    call.gap = result.row_stride - p.out_w * result.stride;
    kernel(call);
    return;
  }
  const auto row_of = [&](int64_t y) { return Rows{result.c + (y - y_begin) * result.row_stride, result.stride, 0}; };
  // The rows and pixels [left, right) whose patches lie inside the image.
  const int64_t top = std::clamp(divide_up(p.pad_top, p.stride_h), y_begin, y_end);
  const int64_t reach_y = p.in_h + p.pad_top - (p.kernel_h - 1) * p.dilation_h;  // first input row of no patch inside
  const int64_t bottom = std::clamp(reach_y > 0 ? divide_up(reach_y, p.stride_h) : 0, top, y_end);
  const int64_t left = std::min(divide_up(p.pad_left, p.stride_w), p.out_w);
  const int64_t reach_x = p.in_w + p.pad_left - p.kernel_w + 1;
  const int64_t right = std::clamp(reach_x > 0 ? divide_up(reach_x, p.stride_w) : 0, left, p.out_w);
  for (int64_t y = y_begin; y < top; ++y) run_gathered_row(image, picture, y, call, row_of(y), scratch);
  for (int64_t y = bottom; y < y_end; ++y) run_gathered_row(image, picture, y, call, row_of(y), scratch);

  // One column of border pixels of several rows at a time.
  for (int64_t y = top; y < bottom; y += block_rows_) {
    call.rows = call.run = std::min(block_rows_, bottom - y);
    call.a = scratch;
    call.a_stride = call.k;
    call.k_block = call.block_stride = kRowBlock;
    call.c_stride = result.row_stride;
    const auto border = [&](int64_t x) {
      for (int64_t i = 0; i < call.rows; ++i) {
        const int64_t pixel = (picture * p.out_h + y + i) * p.out_w + x;
        gather_patches(p, image, pixel, pixel + 1, 0, p.taps(), p.padding, scratch + i * call.k, call.k);
      }
      call.c = row_of(y).c + x * result.stride;
      kernel(call);
    };
    for (int64_t x = 0; x < left; ++x) border(x);
    for (int64_t x = right; x < p.out_w; ++x) border(x);
  }

  call.rows = call.run = right - left;
  call.k_block = p.kernel_w * p.channels;
  call.block_stride = p.dilation_h * p.in_w * p.pixel_stride;
  call.a_stride = p.stride_w * p.pixel_stride;
  call.c_stride = result.stride;
  for (int64_t y = top; y < bottom && left < right; ++y) {
    call.a = image + ((picture * p.in_h + y * p.stride_h - p.pad_top) * p.in_w + left * p.stride_w - p.pad_left) *
                         p.pixel_stride;
    call.c = row_of(y).c + left * result.stride;
    kernel(call);
  }
}

void F32Product::run_planes_part(const Part& part, const Planes& planes, float* output,
                                 const F32Epilogue& epilogue) const {
  for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
    F32Panel call = panel_call(0, panel, 0);
    const int64_t place = part.row_begin * n_ + panel * panel_columns_;
    call.rows = call.run = part.row_end - part.row_begin;
    call.a = planes.data + part.row_begin * planes.plane;
    call.a_stride = call.k_block = planes.plane;
    call.block_stride = planes.plane_stride;
    call.c = output + place;
    call.c_stride = n_;
    set_addition(epilogue, place, n_, call);
    kernels_.panels[divide_up(call.columns, kernels_.lanes) - 1](call);
  }
  activate(part, output, epilogue);
}

void F32Product::run_planes(const Planes& planes, int64_t rows, float* output, const F32Epilogue& epilogue) const {
  run_planes_part({0, rows, 0, panels_}, planes, output, epilogue);
}

void F32Product::run_planes(const Planes& planes, int64_t rows, float* output, runtime::ThreadPool& threads,
                            const F32Epilogue& epilogue) const {
  share(rows, threads, [&](const Part& part, int) { run_planes_part(part, planes, output, epilogue); });
}

}  // namespace burin::gemm
