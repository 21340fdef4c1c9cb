#include "gemm/f32_row_tiles.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

// Rows of all planes and what the depthwise convolution makes of them stay in a second-level cache.
constexpr int64_t kTileBytes = 352 * 1024;
// The same, where a whole picture is one tile: then only the output of the depthwise convolution is kept.
constexpr int64_t kPictureBytes = 256 * 1024;
constexpr int64_t kAlignment = 16;  // floats of a cache line
constexpr int64_t kPointerFloats = (sizeof(const float*) + 3) / 4;
// Rows of a thread that make those which two threads compute few.
constexpr int64_t kRowsPerHaloRow = 6;

// The width of planes, in vectors, where no product decides it: the one that wastes least.
int64_t plane_vectors(const F32Kernels& kernels, int64_t channels) {
  const int64_t all = divide_up(channels, kernels.lanes);
  int64_t best = 1;
  for (int64_t vectors = 1; vectors <= std::min<int64_t>({all, kernels.vectors, 3}); ++vectors) {
    if (divide_up(all, vectors) * vectors <= divide_up(all, best) * best) best = vectors;
  }
  return best;
}

}  // namespace

// Output rows [y, y + rows) of a picture, and the input rows that earlier tiles have not made.
struct F32RowTiles::Tile {
  int64_t picture;
  int64_t y, rows;
  int64_t in_begin, in_end;
};

F32RowTiles::F32RowTiles(const F32Kernels& kernels, std::optional<F32Product> first, F32Activation first_activation,
                         const F32Depthwise& depthwise, std::optional<F32Product> last, runtime::WeightMemory* memory)
    : kernels_(kernels),
      first_(std::move(first)),
      last_(std::move(last)),
      patches_(depthwise.patches),
      clamp_(depthwise.clamp),
      first_activation_(first_activation),
      activation_(depthwise.activation) {
  const Patches& p = patches_;
  plane_ = first_ ? first_->panel_columns() : plane_vectors(kernels, p.channels) * kernels.lanes;
  planes_ = divide_up(p.channels, plane_);
  const int64_t reach_w = (p.out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
  pitch_ = std::max(reach_w, p.pad_left + p.in_w) * plane_;
  reach_ = (p.kernel_h - 1) * p.dilation_h + 1;
  weights_ = AlignedBuffer<float>(static_cast<size_t>(planes_ * p.taps() * plane_), memory);
  bias_ = AlignedBuffer<float>(static_cast<size_t>(planes_ * plane_), memory);
  for (int64_t c = 0; c < p.channels; ++c) {
    float* weights = weights_.data() + c / plane_ * p.taps() * plane_ + c % plane_;
    for (int64_t tap = 0; tap < p.taps(); ++tap) {
      weights[tap * plane_] = element_or_zero<float>(depthwise.weights, tap * p.channels + c);
    }
    bias_.data()[c] = element_or_zero<float>(depthwise.bias, c);
  }
}

const char* F32RowTiles::name() const { return first_ || last_ ? kernels_.row_tiles_name : kernels_.depthwise_name; }

size_t F32RowTiles::packed_bytes() const {
  return weights_.bytes() + bias_.bytes() + (first_ ? first_->packed_bytes() : 0) + (last_ ? last_->packed_bytes() : 0);
}

int64_t F32RowTiles::plane_channels(int64_t plane) const {
  return std::min(plane_, patches_.channels - plane * plane_);
}

F32RowTiles::Tiling F32RowTiles::make_tiling(bool by_planes, int64_t rows) const {
  const Patches& p = patches_;
  Tiling t{};
  t.by_planes = by_planes;
  t.rows = rows;
  const bool whole = rows == p.out_h;
  t.ring_rows = whole ? p.in_h : std::min((rows - 1) * p.stride_h + reach_, p.in_h);
  t.ring_planes = whole ? 1 : planes_;
  t.depthwise = last_ ? round_up(planes_ * plane_ * rows * p.out_w, kAlignment) : 0;
  const int64_t product = first_ ? static_cast<int64_t>(first_->thread_scratch_bytes() / sizeof(float)) : 0;
  t.product = round_up(p.kernel_h * kPointerFloats, kAlignment);
  t.outside = t.product + round_up(product, kAlignment);
  t.ring = t.outside + round_up(pitch_, kAlignment);
  t.thread_floats = t.ring + round_up(t.ring_planes * t.ring_rows * pitch_, kAlignment);
  return t;
}

F32RowTiles::Tiling F32RowTiles::tiling(int threads) const {
  const Patches& p = patches_;
  const int64_t halo = std::max<int64_t>(0, reach_ - p.stride_h);
  if (threads > 1 && p.batch % threads != 0 && p.batch * p.out_h < threads * kRowsPerHaloRow * halo) {
    return make_tiling(true, p.out_h);
  }
  const auto bytes = [](const Tiling& t) { return (t.thread_floats + t.depthwise) * int64_t{sizeof(float)}; };
  const Tiling whole = make_tiling(false, p.out_h);
  if (bytes(whole) <= kPictureBytes) return whole;
  Tiling best = make_tiling(false, 1);
  for (int64_t rows = 2; rows < p.out_h; ++rows) {
    const Tiling next = make_tiling(false, rows);
    if (bytes(next) > kTileBytes) break;
    best = next;
  }
  return best;
}

size_t F32RowTiles::scratch_bytes(int threads) const {
  const Tiling t = tiling(threads);
  const int64_t floats = threads * t.thread_floats + (t.by_planes ? 1 : threads) * t.depthwise;
  return static_cast<size_t>(floats) * sizeof(float);
}

void F32RowTiles::fill_border(const Tiling& t, float* ring, float* outside) const {
  const float padding = patches_.padding;
  std::fill_n(outside, pitch_, padding);
  const int64_t left = patches_.pad_left * plane_;
  const int64_t right = left + patches_.in_w * plane_;
  for (int64_t row = 0; row < t.ring_planes * t.ring_rows; ++row, ring += pitch_) {
    std::fill_n(ring, left, padding);
    std::fill_n(ring + right, pitch_ - right, padding);
  }
}

// Input rows [begin, end) of one plane, into their places of the ring.
void F32RowTiles::fill_rows(const Tiling& t, int64_t picture, int64_t begin, int64_t end, int64_t plane,
                            const float* image, float* ring, float* product_scratch) const {
  const Patches& p = patches_;
  for (int64_t row = begin; row < end;) {
    const int64_t slot = row % t.ring_rows;
    const int64_t rows = std::min(end - row, t.ring_rows - slot);
    float* target = ring + slot * pitch_ + p.pad_left * plane_;
    if (first_) {
      first_->run_image_rows(image, picture, row, row + rows, plane, {target, plane_, pitch_}, product_scratch);
      for (int64_t y = 0; y < rows && first_activation_ != nullptr; ++y) {
        first_activation_(target + y * pitch_, target + y * pitch_, p.in_w * plane_);
      }
    } else {
      const float* source = image + (picture * p.in_h + row) * p.in_w * p.pixel_stride + plane * plane_;
      const size_t bytes = static_cast<size_t>(plane_channels(plane)) * sizeof(float);
      for (int64_t y = 0; y < rows; ++y) {
        float* pixel = target + y * pitch_;
        for (int64_t x = 0; x < p.in_w; ++x, pixel += plane_, source += p.pixel_stride) {
          std::memcpy(pixel, source, bytes);
        }
      }
    }
    row += rows;
  }
}

// One plane of a tile. `planes` is where the last product reads it, else `output` of the whole tensor.
void F32RowTiles::run_plane(const Tiling& t, const Tile& tile, int64_t plane, const float* image, float* scratch,
                            float* planes, float* output) const {
  const Patches& p = patches_;
  const auto rows = reinterpret_cast<const float**>(scratch);
  const float* outside = scratch + t.outside;
  float* ring = scratch + t.ring + (t.ring_planes == 1 ? 0 : plane * t.ring_rows * pitch_);
  fill_rows(t, tile.picture, tile.in_begin, tile.in_end, plane, image, ring, scratch + t.product);
  F32DepthwiseRow call;
  call.pixels = p.out_w;
  call.channels = plane_channels(plane);
  call.kernel_h = p.kernel_h;
  call.kernel_w = p.kernel_w;
  call.stride = p.stride_w;
  call.dilation = p.dilation_w;
  call.rows = rows;
  call.pixel_stride = plane_;
  call.weights = weights_.data() + plane * p.taps() * plane_;
  call.weight_stride = plane_;
  call.bias = bias_.data() + plane * plane_;
  call.output_stride = last_ ? plane_ : p.channels;
  call.min = clamp_.min;
  call.max = clamp_.max;
  for (int64_t y = tile.y; y < tile.y + tile.rows; ++y) {
    for (int64_t ky = 0; ky < p.kernel_h; ++ky) {
      const int64_t row = y * p.stride_h - p.pad_top + ky * p.dilation_h;
      rows[ky] = row >= 0 && row < p.in_h ? ring + row % t.ring_rows * pitch_ : outside;
    }
    call.output = last_ ? planes + (plane * t.rows + y - tile.y) * p.out_w * plane_
                        : output + (tile.picture * p.out_h + y) * p.out_w * p.channels + plane * plane_;
    kernels_.depthwise(call);
  }
  if (activation_ == nullptr || !last_) return;
  float* made = planes + plane * t.rows * p.out_w * plane_;
  activation_(made, made, tile.rows * p.out_w * plane_);
}

// The activation of output rows of the depthwise convolution where it comes last.
void F32RowTiles::activate_rows(int64_t begin, int64_t end, float* output) const {
  if (activation_ == nullptr || last_) return;
  const int64_t row = patches_.out_w * patches_.channels;
  activation_(output + begin * row, output + begin * row, (end - begin) * row);
}

// Output rows [begin, end) of all pictures, by one thread. Behind its scratch memory lies that of a tile's planes.
void F32RowTiles::run_rows(const Tiling& t, int64_t begin, int64_t end, const float* image, float* output,
                           float* scratch, const F32Epilogue& epilogue) const {
  const Patches& p = patches_;
  float* planes = scratch + t.thread_floats;
  fill_border(t, scratch + t.ring, scratch + t.outside);
  int64_t picture = -1, made = 0;  // input rows before `made` are in the ring
  for (int64_t row = begin; row < end;) {
    Tile tile;
    tile.picture = row / p.out_h;
    tile.y = row % p.out_h;
    tile.rows = std::min({t.rows, end - row, p.out_h - tile.y});
    if (tile.picture != picture) made = 0;
    picture = tile.picture;
    const int64_t top = tile.y * p.stride_h - p.pad_top;
    tile.in_end = std::clamp<int64_t>(top + (tile.rows - 1) * p.stride_h + reach_, 0, p.in_h);
    tile.in_begin = std::clamp<int64_t>(std::max(top, made), 0, tile.in_end);
    made = tile.in_end;
    for (int64_t plane = 0; plane < planes_; ++plane) run_plane(t, tile, plane, image, scratch, planes, output);
    activate_rows(row, row + tile.rows, output);
    if (last_) {
      const int64_t place = row * p.out_w * last_->n();
      last_->run_planes({planes, plane_, t.rows * p.out_w * plane_}, tile.rows * p.out_w, output + place,
                        epilogue.from(place));
    }
    row += tile.rows;
  }
}

// A picture by all threads: planes first, then pixels or columns of the last product.
void F32RowTiles::run_picture(const Tiling& t, int64_t picture, const float* image, float* output, std::byte* scratch,
                              runtime::ThreadPool& threads, const F32Epilogue& epilogue) const {
  const Patches& p = patches_;
  auto* planes = reinterpret_cast<float*>(scratch);
  float* thread_scratch = planes + t.depthwise;
  const Tile tile{picture, 0, p.out_h, 0, p.in_h};
  threads.parallel_for(planes_, 1, [&](int64_t begin, int64_t end, int thread) {
    float* own = thread_scratch + thread * t.thread_floats;
    fill_border(t, own + t.ring, own + t.outside);
    for (int64_t plane = begin; plane < end; ++plane) run_plane(t, tile, plane, image, own, planes, output);
  });
  if (!last_) {
    const int64_t first_row = picture * p.out_h;
    threads.parallel_for(p.out_h, 1, [&](int64_t begin, int64_t end, int) {
      activate_rows(first_row + begin, first_row + end, output);
    });
    return;
  }
  const int64_t place = picture * p.out_h * p.out_w * last_->n();
  last_->run_planes({planes, plane_, t.rows * p.out_w * plane_}, p.out_h * p.out_w, output + place, threads,
                    epilogue.from(place));
}

void F32RowTiles::run(const float* image, float* output, std::byte* scratch, runtime::ThreadPool& threads,
                      const F32Epilogue& epilogue) const {
  const Tiling t = tiling(threads.threads());
  if (t.by_planes) {
    for (int64_t picture = 0; picture < patches_.batch; ++picture) {
      run_picture(t, picture, image, output, scratch, threads, epilogue);
    }
    return;
  }
  threads.parallel_for(patches_.batch * patches_.out_h, 1, [&](int64_t begin, int64_t end, int thread) {
    float* own = reinterpret_cast<float*>(scratch) + thread * (t.thread_floats + t.depthwise);
    run_rows(t, begin, end, image, output, own, epilogue);
  });
}

}  // namespace burin::gemm
