#include "gemm/int8_depthwise.hpp"

#include <algorithm>
#include <cstring>

#include "gemm/depthwise_rows.hpp"
#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kSumsPixels = 16;  // pixels whose sums a consumer takes at a time
constexpr int64_t kRingBytes = 128 * 1024;

void copy_row(const int8_t* row, size_t bytes, int8_t* out) {
  constexpr size_t kChunk = 128;  // by vectors, where memcpy of 64-bit Arm takes general registers
  size_t i = 0;
  for (; i + kChunk <= bytes; i += kChunk) std::memcpy(out + i, row + i, kChunk);
  std::memcpy(out + i, row + i, bytes - i);
}
// A segment of a strip and its interleaved codes stay near while blocks of channels pass.
constexpr int64_t kSegmentBytes = 40 * 1024;
constexpr int64_t kMinSegmentPixels = 16;

}  // namespace

Int8DepthwiseConvolution::Int8DepthwiseConvolution(const Int8DepthwiseKernels& kernels, const Patches& patches,
                                                   const std::byte* weights, const std::byte* bias, int32_t zero_point,
                                                   runtime::WeightMemory* memory)
    : kernels_(kernels), patches_(patches), by_strips_(kernels.strips.channels != 0) {
  const int64_t channels = patches.channels;
  const int64_t padded = round_up(channels, kInt8DepthwiseLanes);
  pairs_ = (patches.taps() + 1) / 2;
  if (by_strips_) {
    const Int8DepthwiseStripKernels& strips = kernels.strips;
    const int64_t column_bytes = strips.column_bytes(patches.kernel_h, strip_rows());
    const int64_t reach = (patches.kernel_w - 1) * patches.dilation_w + 1;
    const int64_t image_bytes = (patches.kernel_h + strip_rows() - 1) * channels;  // of a column
    const int64_t columns = kSegmentBytes / (column_bytes + image_bytes);
    segment_pixels_ = std::max((columns - reach) / patches.stride_w + 1, kMinSegmentPixels) / 4 * 4;
    segment_pixels_ = std::min(segment_pixels_, patches.out_w);
    inputs_bytes_ = round_up((patches.kernel_h + 1) * int64_t{sizeof(const int8_t*)}, 64);
    outside_bytes_ = ((segment_pixels_ - 1) * patches.stride_w + reach) * column_bytes;
    sums_bytes_ = round_up(strip_rows() * segment_pixels_ * channels * int64_t{sizeof(int32_t)}, 64);
    strip_weights_ = AlignedBuffer<std::byte>(
        static_cast<size_t>(strips.weight_bytes(channels, patches.kernel_h, patches.kernel_w, strip_rows())), memory);
    strips.pack(reinterpret_cast<const int8_t*>(weights), channels, patches.kernel_h, patches.kernel_w, strip_rows(),
                strip_weights_.data());
    start_ = AlignedBuffer<int32_t>(static_cast<size_t>(channels + kChannelPadding), memory);
  } else {
    inputs_bytes_ = round_up(pairs_ * 2 * int64_t{sizeof(const int8_t*)}, 64);
    outside_bytes_ = round_up(outside_elements(patches), 64);
    const int64_t reach_h = (patches.kernel_h - 1) * patches.dilation_h + 1;
    const int64_t width = (patches.out_w - 1) * patches.stride_w + (patches.kernel_w - 1) * patches.dilation_w + 1;
    ring_pitch_ = round_up(width * channels, 64);
    if ((reach_h + 1) * ring_pitch_ <= kRingBytes) {
      ring_rows_ = reach_h;
      outside_bytes_ = (reach_h + 1) * ring_pitch_;
    }
    sums_bytes_ = round_up(kSumsPixels * channels * int64_t{sizeof(int32_t)}, 64);
    weights_ = AlignedBuffer<std::byte>(static_cast<size_t>(kernels.weight_bytes(patches.taps(), channels)), memory);
    kernels.pack(reinterpret_cast<const int8_t*>(weights), patches.taps(), channels, weights_.data());
    start_ = AlignedBuffer<int32_t>(static_cast<size_t>(padded), memory);
  }
  const int32_t offset = by_strips_ ? kernels.strips.offset : 0;
  if (kernels.takes_narrow) narrow_ = NarrowSums(channels);
  for (int64_t c = 0; c < channels; ++c) {
    uint32_t sum = 0;
    for (int64_t tap = 0; tap < patches.taps(); ++tap) {
      const auto weight = element_or_zero<int8_t>(weights, tap * channels + c);
      sum += static_cast<uint32_t>(weight);
    }
    start_.data()[c] = static_cast<int32_t>(static_cast<uint32_t>(element_or_zero<int32_t>(bias, c)) -
                                            sum * static_cast<uint32_t>(zero_point + offset));
    narrow_.set(c, reinterpret_cast<const int8_t*>(weights) + c, channels, patches.taps(),
                element_or_zero<int32_t>(bias, c), zero_point);
  }
}

size_t Int8DepthwiseConvolution::scratch_bytes(int threads) const {
  return static_cast<size_t>(threads) * thread_scratch_bytes();
}

void Int8DepthwiseConvolution::run(const int8_t* image, int8_t padding, const Int8Destination& destination,
                                   std::byte* scratch, runtime::ThreadPool& threads) const {
  const int64_t rows = by_strips_ ? strips() : patches_.out_h;
  constexpr int64_t kSlowness = 4;  // of its products, beside those of matrices
  const int64_t products = patches_.out_h / rows * patches_.out_w * patches_.channels * patches_.taps();
  const int64_t grain = runtime::grain_of_products(kSlowness * products);
  threads.parallel_for(patches_.batch * rows, grain, [&](int64_t begin, int64_t end, int thread) {
    std::byte* memory = scratch + static_cast<size_t>(thread) * thread_scratch_bytes();
    if (by_strips_) {
      run_strips(begin, end, image, padding, destination, memory);
    } else {
      (this->*(ring_rows_ > 0 ? &Int8DepthwiseConvolution::run_ring : &Int8DepthwiseConvolution::run_rows))(
          begin, end, image, padding, destination, memory);
    }
  });
}

void Int8DepthwiseConvolution::run_strips(int64_t begin, int64_t end, const int8_t* image, int8_t padding,
                                          const Int8Destination& destination, std::byte* scratch) const {
  const Patches& p = patches_;
  const auto** inputs = reinterpret_cast<const int8_t**>(scratch);
  auto* sums = reinterpret_cast<int32_t*>(scratch + inputs_bytes_ + outside_bytes_);
  Int8DepthwiseStrip call;
  call.channels = p.channels;
  call.strip_rows = strip_rows();
  call.kernel_h = p.kernel_h;
  call.kernel_w = p.kernel_w;
  call.stride_w = p.stride_w;
  call.dilation_w = p.dilation_w;
  call.inputs = inputs;
  call.input_rows = p.kernel_h + call.strip_rows - 1;
  call.in_w = p.in_w;
  call.pixel_stride = p.pixel_stride;
  call.overread = kernels_.strips.channels / p.channels;
  call.padding = padding;
  call.weights = strip_weights_.data();
  call.start = start_.data();
  call.output_stride = p.channels;
  call.output_row_stride = p.out_w * p.channels;
  call.output_row_pixels = p.out_w;
  call.scratch = scratch + inputs_bytes_;
  if (destination.requantization != nullptr) call.requantization = *destination.requantization;
  if (destination.dequantization != nullptr) call.dequantization = *destination.dequantization;
  for (int64_t strip = begin; strip < end; ++strip) {
    const int64_t picture = strip / strips();
    const int64_t y = strip % strips() * call.strip_rows;
    call.rows = std::min(call.strip_rows, p.out_h - y);
    for (int64_t i = 0; i < call.input_rows; ++i) {
      const int64_t in_y = y * p.stride_h - p.pad_top + i * p.dilation_h;
      const bool inside = in_y >= 0 && in_y < p.in_h;
      inputs[i] = inside ? image + (picture * p.in_h + in_y) * p.in_w * p.pixel_stride : nullptr;
    }
    for (int64_t x = 0; x < p.out_w; x += segment_pixels_) {
      const int64_t first = (picture * p.out_h + y) * p.out_w + x;
      call.pixels = std::min(segment_pixels_, p.out_w - x);
      call.first_column = x * p.stride_w - p.pad_left;
      if (destination.requantization != nullptr) {
        call.output = destination.codes + first * p.channels;
        kernels_.strips.codes(call);
      } else if (destination.dequantization != nullptr) {
        call.dequantization.rows = destination.dequantization->rows + first * call.dequantization.row_step;
        call.output = destination.floats + first * p.channels;
        kernels_.strips.floats(call);
      } else {
        Int8DepthwiseStrip to_sums = call;
        to_sums.output = sums;
        to_sums.output_row_stride = call.pixels * p.channels;
        kernels_.strips.sums(to_sums);
        for (int64_t row = 0; row < call.rows; ++row) {
          destination.consumer->consume(first + row * p.out_w, 0, call.pixels, p.channels,
                                        sums + row * to_sums.output_row_stride, p.channels);
        }
      }
    }
  }
}

Int8Depthwise Int8DepthwiseConvolution::segment_call(const Int8Destination& destination, const int8_t** inputs) const {
  Int8Depthwise call;
  call.channels = patches_.channels;
  call.taps = patches_.taps();
  call.inputs = inputs;
  call.input_stride = patches_.stride_w * patches_.pixel_stride;
  call.weights = weights_.data();
  call.start = start_.data();
  call.output_stride = patches_.channels;
  if (destination.requantization != nullptr) call.requantization = *destination.requantization;
  if (destination.dequantization != nullptr) call.dequantization = *destination.dequantization;
  return call;
}

// Pixels from `pixel` of the whole output on, whose addresses are in `inputs`.
void Int8DepthwiseConvolution::run_segment(Int8Depthwise& call, int64_t pixel, int64_t pixels,
                                           const Int8Destination& destination, const int8_t** inputs,
                                           int32_t* sums) const {
  const int64_t channels = patches_.channels;
  if (call.taps % 2 != 0) inputs[call.taps] = inputs[call.taps - 1];
  if (destination.requantization != nullptr) {
    call.pixels = pixels;
    call.output = destination.codes + pixel * channels;
    return kernels_.codes(call);
  }
  if (destination.dequantization != nullptr) {
    call.pixels = pixels;
    call.dequantization.rows = destination.dequantization->rows + pixel * call.dequantization.row_step;
    call.output = destination.floats + pixel * channels;
    return kernels_.floats(call);
  }
  call.output = sums;
  for (int64_t done = 0; done < pixels; done += kSumsPixels) {
    call.pixels = std::min(kSumsPixels, pixels - done);
    kernels_.sums(call);
    destination.consumer->consume(pixel + done, 0, call.pixels, channels, sums, channels);
    for (int64_t tap = 0; tap < 2 * pairs_; ++tap) inputs[tap] += call.pixels * call.input_stride;
  }
}

void Int8DepthwiseConvolution::run_rows(int64_t begin, int64_t end, const int8_t* image, int8_t padding,
                                        const Int8Destination& destination, std::byte* scratch) const {
  const Patches& p = patches_;
  const auto** inputs = reinterpret_cast<const int8_t**>(scratch);
  auto* outside = reinterpret_cast<int8_t*>(scratch + inputs_bytes_);
  auto* sums = reinterpret_cast<int32_t*>(scratch + inputs_bytes_ + outside_bytes_);
  std::memset(outside, padding, static_cast<size_t>(outside_elements(p)));
  Int8Depthwise call = segment_call(destination, inputs);
  for (int64_t row = begin; row < end; ++row) {
    for_each_depthwise_segment(p, image, row / p.out_h, row % p.out_h, outside, inputs, [&](int64_t x, int64_t pixels) {
      run_segment(call, row * p.out_w + x, pixels, destination, inputs, sums);
    });
  }
}

void Int8DepthwiseConvolution::run_ring(int64_t begin, int64_t end, const int8_t* image, int8_t padding,
                                        const Int8Destination& destination, std::byte* scratch) const {
  const Patches& p = patches_;
  const auto** inputs = reinterpret_cast<const int8_t**>(scratch);
  auto* outside = reinterpret_cast<int8_t*>(scratch + inputs_bytes_);
  int8_t* ring = outside + ring_pitch_;
  auto* sums = reinterpret_cast<int32_t*>(scratch + inputs_bytes_ + outside_bytes_);
  std::memset(outside, padding, static_cast<size_t>(outside_bytes_));
  const int64_t left = std::min(p.pad_left * p.channels, ring_pitch_);
  const auto inside = static_cast<size_t>(std::min(p.in_w * p.channels, ring_pitch_ - left));
  Int8Depthwise call = segment_call(destination, inputs);
  int64_t picture = -1, made = 0;  // image rows before `made` are in the ring
  for (int64_t row = begin; row < end; ++row) {
    if (row / p.out_h != picture) {
      picture = row / p.out_h;
      made = 0;
    }
    const int64_t top = row % p.out_h * p.stride_h - p.pad_top;
    for (made = std::max(made, top); made < std::min(top + ring_rows_, p.in_h); ++made) {
      copy_row(image + (picture * p.in_h + made) * p.in_w * p.channels, inside,
               ring + made % ring_rows_ * ring_pitch_ + left);
    }
    for (int64_t ky = 0, tap = 0; ky < p.kernel_h; ++ky) {
      const int64_t y = top + ky * p.dilation_h;
      const int8_t* from = y >= 0 && y < p.in_h ? ring + y % ring_rows_ * ring_pitch_ : outside;
      for (int64_t kx = 0; kx < p.kernel_w; ++kx) inputs[tap++] = from + kx * p.dilation_w * p.channels;
    }
    run_segment(call, row * p.out_w, p.out_w, destination, inputs, sums);
  }
}

}  // namespace burin::gemm
