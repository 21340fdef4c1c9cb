#include "gemm/int8_product.hpp"

#include <algorithm>
#include <cstring>

#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kPreparedBytes = 64 * 1024;  // of a block of prepared rows
constexpr int64_t kMaxPreparedRows = 192;
constexpr int64_t kImageRowsBytes = 128 * 1024;     // of a block of prepared image rows
constexpr int64_t kMaxImageRowsBytes = 512 * 1024;  // where one output row needs more, patches are gathered
constexpr int64_t kMinRowPixels = 4;                // in rows of fewer pixels tiles would be small

int64_t padded_width(const Patches& p) { return (p.out_w - 1) * p.stride_w + p.kernel_w; }
int64_t kernel_reach(const Patches& p) { return (p.kernel_h - 1) * p.dilation_h + 1; }
// The last group of a piece may reach beyond the row.
int64_t image_row_bytes(const Int8Kernels& kernels, const Patches& p) {
  return round_up(padded_width(p) * p.channels * kernels.code_bytes + 64, 64);
}

// Modulo 2^32.
uint32_t sum_of(const int8_t* weights, int64_t stride, int64_t count) {
  uint32_t sum = 0;
  int64_t k = 0;
  if (stride == 1) {
    // Eight at a time, plus 128 each, in pairs of sums of 16 bits.
    constexpr uint64_t kBytes = 0x00ff00ff00ff00ff, kSigns = 0x8080808080808080;
    constexpr int64_t kStep = 8, kSteps = 64;
    while (k + kStep <= count) {
      uint64_t sums = 0;
      const int64_t steps = std::min((count - k) / kStep, kSteps);
      for (int64_t step = 0; step < steps; ++step, k += kStep) {
        uint64_t eight;
        std::memcpy(&eight, weights + k, sizeof(eight));
        eight ^= kSigns;
        sums += (eight & kBytes) + (eight >> 8 & kBytes);
      }
      for (int lane = 0; lane < 4; ++lane) sum += static_cast<uint32_t>(sums >> 16 * lane & 0xffff);
      sum -= static_cast<uint32_t>(steps * kStep * 128);
    }
  }
  for (; k < count; ++k) sum += static_cast<uint32_t>(weights[k * stride]);
  return sum;
}

}  // namespace

// What one thread computes: rows (of pixels: kImageRows) [row_begin, row_end) x panels [panel_begin, panel_end) of
// every group.
struct Int8Product::Part {
  int64_t row_begin, row_end;
  int64_t panel_begin, panel_end;
};

Int8Product::Int8Product(const Int8Kernels& kernels, const Patches& patches, int64_t groups, int64_t n,
                         const WeightsLayout& weights, const std::byte* bias, int32_t zero_point,
                         runtime::WeightMemory* memory)
    : kernels_(kernels), patches_(patches), groups_(groups), n_(n) {
  place_ = Place::kGathered;
  if (patches.is_matrix()) {
    place_ = Place::kMatrix;
  } else if (kernels.code_bytes != 0 && patches.dilation_w == 1 && patches.channels == patches.pixel_stride &&
             (patches.out_w >= kMinRowPixels || patches.out_h == 1) &&
             image_row_bytes(kernels, patches) * kernel_reach(patches) <= kMaxImageRowsBytes) {
    place_ = Place::kImageRows;
  }
  pieces_ = place_ == Place::kImageRows ? patches.kernel_h : 1;
  const int64_t depth = patches.depth() / pieces_;
  panels_ = round_up(n, kernels.columns) / kernels.columns;
  padded_n_ = round_up(n, kernels.lanes);
  if (place_ == Place::kImageRows) {
    row_bytes_ = image_row_bytes(kernels, patches);
    const int64_t fit = (kImageRowsBytes / row_bytes_ - kernel_reach(patches)) / patches.stride_h + 1;
    block_rows_ = std::clamp<int64_t>(fit, 1, patches.out_h);
    const int64_t image_rows = (block_rows_ - 1) * patches.stride_h + kernel_reach(patches);
    prepared_bytes_ = (image_rows + 1) * row_bytes_;  // and one of padding
    gathered_bytes_ = round_up(padded_width(patches) * patches.channels, 64);
  } else {
    row_bytes_ = kernels.row_bytes(depth);
    block_rows_ = std::clamp<int64_t>(kPreparedBytes / row_bytes_ / kernels.rows * kernels.rows, kernels.rows,
                                      kMaxPreparedRows / kernels.rows * kernels.rows);
    prepared_bytes_ = round_up(block_rows_ * row_bytes_ + kGatherOverrun, 64);
    gathered_bytes_ = patches.is_matrix() ? 0 : round_up(block_rows_ * depth + kGatherOverrun, 64);
  }
  sums_bytes_ = kernels.rows * kernels.columns * int64_t{sizeof(int32_t)};

  const int64_t last_columns = n - (panels_ - 1) * kernels.columns;
  panel_bytes_ = pieces_ * kernels.panel_bytes(depth, kernels.columns);
  group_bytes_ = (panels_ - 1) * panel_bytes_ + pieces_ * kernels.panel_bytes(depth, last_columns);
  weights_ = AlignedBuffer<std::byte>(static_cast<size_t>(groups * group_bytes_), memory);
  start_ = AlignedBuffer<int32_t>(static_cast<size_t>(groups * padded_n_), memory);
  if (kernels.takes_narrow) narrow_ = NarrowSums(groups * n);
  for (int64_t group = 0; group < groups; ++group) {
    const auto* first = reinterpret_cast<const int8_t*>(weights.data) + group * weights.group_stride;
    for (int64_t panel = 0; panel < panels_; ++panel) {
      const int64_t column = panel * kernels.columns;
      Int8Weights part{first + column * weights.n_stride, weights.n_stride, weights.k_stride,
                       std::min<int64_t>(kernels.columns, n - column), depth};
      // The sums before the packing: they read the file in its order.
      for (int64_t j = 0; j < part.columns; ++j) {
        const uint32_t sum = sum_of(part.data + j * weights.n_stride, weights.k_stride, patches.depth());
        const auto start = static_cast<uint32_t>(element_or_zero<int32_t>(bias, group * n + column + j));
        start_.data()[group * padded_n_ + column + j] =
            static_cast<int32_t>(start - sum * static_cast<uint32_t>(zero_point + kernels.offset));
        narrow_.set(group * n + column + j, part.data + j * weights.n_stride, weights.k_stride, patches.depth(),
                    static_cast<int32_t>(start), zero_point);
      }
      std::byte* packed = weights_.data() + group * group_bytes_ + panel * panel_bytes_;
      for (int64_t piece = 0; piece < pieces_; ++piece) {
        kernels.pack(part, packed);
        packed += kernels.panel_bytes(depth, part.columns);
        part.data += depth * weights.k_stride;
      }
    }
  }
}

Int8Product::Int8Product(const Int8Kernels& kernels, const RowQuantizer& quantizer, int64_t rows, int64_t depth,
                         int64_t n, const WeightsLayout& weights, runtime::WeightMemory* memory)
    : Int8Product(kernels, matrix_rows(rows, depth), 1, n, weights, nullptr, 0, memory) {
  quantizer_ = quantizer;
  gathered_bytes_ = round_up(block_rows_ * depth, 64);
  affine_bytes_ = round_up(block_rows_ * int64_t{sizeof(RowAffine)}, 64);
}

size_t Int8Product::scratch_bytes(int threads) const { return static_cast<size_t>(threads) * thread_scratch_bytes(); }

// body(part, scratch of the thread)
template <typename Body>
void Int8Product::for_each_part(std::byte* scratch, runtime::ThreadPool& threads, Body&& body) const {
  const bool image_rows = place_ == Place::kImageRows;
  const int64_t rows = image_rows ? patches_.batch * patches_.out_h : patches_.rows();
  const int64_t step = image_rows ? 1 : kernels_.rows;
  const int64_t row_tiles = round_up(rows, step) / step;
  // Few rows: threads share the columns instead.
  const bool by_rows = row_tiles >= 4 * threads.threads() || row_tiles >= panels_;
  const int64_t rows_of_item = by_rows ? step * (image_rows ? patches_.out_w : 1) : patches_.rows();
  const int64_t products = groups_ * patches_.depth() * rows_of_item * (by_rows ? n_ : int64_t{kernels_.columns});
  const int64_t grain = runtime::grain_of_products(products);
  threads.parallel_for(by_rows ? row_tiles : panels_, grain, [&](int64_t begin, int64_t end, int thread) {
    const Part part = by_rows ? Part{begin * step, std::min(end * step, rows), 0, panels_} : Part{0, rows, begin, end};
    body(part, scratch + static_cast<size_t>(thread) * thread_scratch_bytes());
  });
}

void Int8Product::run(const int8_t* image, int8_t padding, const Int8Destination& destination, std::byte* scratch,
                      runtime::ThreadPool& threads) const {
  for_each_part(scratch, threads, [&](const Part& part, std::byte* own) {
    if (place_ == Place::kImageRows) {
      run_image_rows(part, image, padding, destination, own);
    } else {
      run_part(part, image, padding, destination, own);
    }
  });
}

void Int8Product::run_rows(const float* rows, const Dequantization& dequantization, float* outputs, std::byte* scratch,
                           runtime::ThreadPool& threads) const {
  for_each_part(scratch, threads,
                [&](const Part& part, std::byte* own) { run_float_part(part, rows, dequantization, outputs, own); });
}

void Int8Product::prepare_image_rows(const int8_t* image, int64_t picture, int64_t y, int64_t rows,
                                     const std::byte* outside, std::byte* out) const {
  const Patches& p = patches_;
  const int64_t width = padded_width(p);
  const int64_t left = std::min(p.pad_left, width);
  const int64_t inside = std::min(p.in_w, width - left);
  const int64_t pixel_bytes = p.channels * kernels_.code_bytes;
  for (int64_t row = y; row < y + rows; ++row, out += row_bytes_) {
    if (row < 0 || row >= p.in_h) {
      std::memcpy(out, outside, static_cast<size_t>(width * pixel_bytes));
      continue;
    }
    const int8_t* codes = image + (picture * p.in_h + row) * p.in_w * p.channels;
    std::memcpy(out, outside, static_cast<size_t>(left * pixel_bytes));
    if (inside > 0) kernels_.prepare_rows(codes, 0, 1, inside * p.channels, out + left * pixel_bytes, row_bytes_);
    std::memcpy(out + (left + inside) * pixel_bytes, outside,
                static_cast<size_t>((width - left - inside) * pixel_bytes));
  }
}

void Int8Product::run_image_rows(const Part& part, const int8_t* image, int8_t padding,
                                 const Int8Destination& destination, std::byte* scratch) const {
  const Patches& p = patches_;
  std::byte* outside = scratch;
  std::byte* prepared = scratch + row_bytes_;
  auto* padding_row = reinterpret_cast<int8_t*>(scratch + prepared_bytes_);
  auto* sums = reinterpret_cast<int32_t*>(scratch + prepared_bytes_ + gathered_bytes_);
  const int64_t row_codes = padded_width(p) * p.channels;
  std::memset(padding_row, padding, static_cast<size_t>(row_codes));
  kernels_.prepare_rows(padding_row, 0, 1, row_codes, outside, row_bytes_);
  Int8Panel call;
  call.rows = p.out_w;
  call.depth = p.depth() / pieces_;
  call.pieces = pieces_;
  call.piece_stride = p.dilation_h * row_bytes_;
  call.a_stride = p.stride_w * p.channels * kernels_.code_bytes;
  for (int64_t row = part.row_begin; row < part.row_end;) {
    const int64_t y = row % p.out_h;
    const int64_t rows = std::min({block_rows_, part.row_end - row, p.out_h - y});
    prepare_image_rows(image, row / p.out_h, y * p.stride_h - p.pad_top, (rows - 1) * p.stride_h + kernel_reach(p),
                       outside, prepared);
    for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
      const int64_t column = panel * kernels_.columns;
      call.columns = std::min<int64_t>(kernels_.columns, n_ - column);
      call.b = weights_.data() + panel * panel_bytes_;
      call.start = start_.data() + column;
      for (int64_t i = 0; i < rows; ++i) {
        call.a = prepared + i * p.stride_h * row_bytes_;
        run_panel(call, (row + i) * p.out_w, column, destination, sums);
      }
    }
    row += rows;
  }
}

void Int8Product::run_part(const Part& part, const int8_t* image, int8_t padding, const Int8Destination& destination,
                           std::byte* scratch) const {
  const int64_t depth = patches_.depth();
  std::byte* prepared = scratch;
  auto* gathered = reinterpret_cast<int8_t*>(scratch + prepared_bytes_);
  auto* sums = reinterpret_cast<int32_t*>(scratch + prepared_bytes_ + gathered_bytes_);
  Int8Panel call;
  call.depth = depth;
  for (int64_t row = part.row_begin; row < part.row_end; row += block_rows_) {
    call.rows = std::min(block_rows_, part.row_end - row);
    for (int64_t group = 0; group < groups_; ++group) {
      const int8_t* codes = image + group * patches_.channels;
      call.a = prepared;
      call.a_stride = row_bytes_;
      if (patches_.is_matrix()) {
        const int8_t* first = codes + row * patches_.pixel_stride;
        if (kernels_.plain_rows && depth == row_bytes_) {
          call.a = reinterpret_cast<const std::byte*>(first);
          call.a_stride = patches_.pixel_stride;
        } else {
          kernels_.prepare_rows(first, patches_.pixel_stride, call.rows, depth, prepared, row_bytes_);
        }
      } else if (kernels_.plain_rows) {
        gather_patches(patches_, codes, row, row + call.rows, 0, patches_.taps(), padding,
                       reinterpret_cast<int8_t*>(prepared), row_bytes_);
      } else {
        gather_patches(patches_, codes, row, row + call.rows, 0, patches_.taps(), padding, gathered, depth);
        kernels_.prepare_rows(gathered, depth, call.rows, depth, prepared, row_bytes_);
      }
      run_panels(call, part, row, group, destination, sums);
    }
  }
}

void Int8Product::run_float_part(const Part& part, const float* rows, const Dequantization& dequantization,
                                 float* outputs, std::byte* scratch) const {
  const int64_t depth = patches_.depth();
  std::byte* prepared = scratch;
  auto* codes = reinterpret_cast<int8_t*>(scratch + prepared_bytes_);
  auto* affine = reinterpret_cast<RowAffine*>(scratch + prepared_bytes_ + gathered_bytes_ + sums_bytes_);
  Int8Panel call;
  call.depth = depth;
  call.a = prepared;
  call.a_stride = row_bytes_;
  Dequantization of_block = dequantization;
  of_block.row_step = 1;
  of_block.rows = affine;
  for (int64_t row = part.row_begin; row < part.row_end; row += block_rows_) {
    call.rows = std::min(block_rows_, part.row_end - row);
    quantizer_.kernels->rows(rows + row * depth, call.rows, depth, quantizer_.coding, affine, codes);
    kernels_.prepare_rows(codes, depth, call.rows, depth, prepared, row_bytes_);
    run_panels(call, part, 0, 0, Int8Destination::to_floats(of_block, outputs + row * n_), nullptr);
  }
}

// Output rows from `row` of the destination on.
void Int8Product::run_panels(Int8Panel& call, const Part& part, int64_t row, int64_t group,
                             const Int8Destination& destination, int32_t* sums) const {
  for (int64_t panel = part.panel_begin; panel < part.panel_end; ++panel) {
    const int64_t column = panel * kernels_.columns;
    call.columns = std::min<int64_t>(kernels_.columns, n_ - column);
    call.b = weights_.data() + group * group_bytes_ + panel * panel_bytes_;
    call.start = start_.data() + group * padded_n_ + column;
    run_panel(call, row, group * n_ + column, destination, sums);
  }
}

void Int8Product::run_panel(Int8Panel& call, int64_t row, int64_t channel, const Int8Destination& destination,
                            int32_t* sums) const {
  const int64_t first = row * channels() + channel;
  call.c_stride = channels();
  if (destination.requantization != nullptr) {
    call.requantization = *destination.requantization;
    if (call.requantization.multipliers != nullptr) {
      call.requantization.multipliers += channel;
      call.requantization.left_shifts += channel;
      call.requantization.right_shifts += channel;
    } else {
      call.requantization.scales += channel;
      if (call.requantization.narrow != nullptr) call.requantization.narrow += channel;
    }
    call.c = destination.codes + first;
    return kernels_.codes(call);
  }
  if (destination.dequantization != nullptr) {
    call.dequantization = *destination.dequantization;
    call.dequantization.rows += row * call.dequantization.row_step;
    call.dequantization.scales += channel;
    call.dequantization.bias += channel;
    call.dequantization.weight_sums += channel;
    call.c = destination.floats + first;
    return kernels_.floats(call);
  }
  Int8Panel tile = call;
  tile.c = sums;
  tile.c_stride = kernels_.columns;
  for (int64_t done = 0; done < call.rows; done += kernels_.rows, tile.a += kernels_.rows * tile.a_stride) {
    tile.rows = std::min<int64_t>(kernels_.rows, call.rows - done);
    kernels_.sums(tile);
    destination.consumer->consume(row + done, channel, tile.rows, tile.columns, sums, tile.c_stride);
  }
}

}  // namespace burin::gemm
