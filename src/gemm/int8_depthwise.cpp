#include "gemm/int8_depthwise.hpp"

#include <algorithm>
#include <cstring>

#include "gemm/depthwise_rows.hpp"
#include "gemm/round_up.hpp"

namespace burin::gemm {

namespace {

constexpr int64_t kSumsPixels = 16;  // pixels whose sums a consumer takes at a time

}  // namespace

Int8DepthwiseConvolution::Int8DepthwiseConvolution(const Int8DepthwiseKernels& kernels, const Patches& patches,
                                                   const std::byte* weights, const std::byte* bias, int32_t zero_point)
    : kernels_(kernels), patches_(patches) {
  const int64_t channels = patches.channels;
  const int64_t padded = round_up(channels, kInt8DepthwiseLanes);
  pairs_ = (patches.taps() + 1) / 2;
  inputs_bytes_ = round_up(pairs_ * 2 * int64_t{sizeof(const int8_t*)}, 64);
  outside_bytes_ = round_up(outside_elements(patches), 64);
  sums_bytes_ = round_up(kSumsPixels * channels * int64_t{sizeof(int32_t)}, 64);
  weights_ = AlignedBuffer<int16_t>(static_cast<size_t>(pairs_ * padded * 2));
  start_ = AlignedBuffer<int32_t>(static_cast<size_t>(padded));
  for (int64_t c = 0; c < channels; ++c) {
    uint32_t sum = 0;
    for (int64_t tap = 0; tap < patches.taps(); ++tap) {
      const auto weight = element_or_zero<int8_t>(weights, tap * channels + c);
      sum += static_cast<uint32_t>(weight);
      weights_.data()[(tap / 2 * padded + c) * 2 + tap % 2] = weight;
    }
    start_.data()[c] = static_cast<int32_t>(static_cast<uint32_t>(element_or_zero<int32_t>(bias, c)) -
                                            sum * static_cast<uint32_t>(zero_point));
  }
}

size_t Int8DepthwiseConvolution::scratch_bytes(int threads) const {
  return static_cast<size_t>(threads) * static_cast<size_t>(inputs_bytes_ + outside_bytes_ + sums_bytes_);
}

void Int8DepthwiseConvolution::run(const int8_t* image, int8_t padding, const Int8Destination& destination,
                                   std::byte* scratch, runtime::ThreadPool& threads) const {
  threads.parallel_for(patches_.batch * patches_.out_h, 1, [&](int64_t begin, int64_t end, int thread) {
    run_rows(begin, end, image, padding, destination,
             scratch + thread * (inputs_bytes_ + outside_bytes_ + sums_bytes_));
  });
}

void Int8DepthwiseConvolution::run_rows(int64_t begin, int64_t end, const int8_t* image, int8_t padding,
                                        const Int8Destination& destination, std::byte* scratch) const {
  const Patches& p = patches_;
  const auto** inputs = reinterpret_cast<const int8_t**>(scratch);
  auto* outside = reinterpret_cast<int8_t*>(scratch + inputs_bytes_);
  auto* sums = reinterpret_cast<int32_t*>(scratch + inputs_bytes_ + outside_bytes_);
  std::memset(outside, padding, static_cast<size_t>(outside_elements(p)));
  Int8Depthwise call;
  call.channels = p.channels;
  call.pairs = pairs_;
  call.inputs = inputs;
  call.input_stride = p.stride_w * p.pixel_stride;
  call.weights = weights_.data();
  call.start = start_.data();
  call.output_stride = p.channels;
  if (destination.requantization != nullptr) call.requantization = *destination.requantization;
  if (destination.dequantization != nullptr) call.dequantization = *destination.dequantization;
  for (int64_t row = begin; row < end; ++row) {
    for_each_depthwise_segment(p, image, row / p.out_h, row % p.out_h, outside, inputs, [&](int64_t x, int64_t pixels) {
      if (p.taps() % 2 != 0) inputs[p.taps()] = inputs[p.taps() - 1];
      const int64_t first = row * p.out_w + x;
      if (destination.requantization != nullptr) {
        call.pixels = pixels;
        call.output = destination.codes + first * p.channels;
        kernels_.codes(call);
        return;
      }
      if (destination.dequantization != nullptr) {
        call.pixels = pixels;
        call.dequantization.rows = destination.dequantization->rows + first * call.dequantization.row_step;
        call.output = destination.floats + first * p.channels;
        kernels_.floats(call);
        return;
      }
      call.output = sums;
      for (int64_t done = 0; done < pixels; done += kSumsPixels) {
        call.pixels = std::min(kSumsPixels, pixels - done);
        kernels_.sums(call);
        destination.consumer->consume(first + done, 0, call.pixels, p.channels, sums, p.channels);
        for (int64_t tap = 0; tap < 2 * pairs_; ++tap) inputs[tap] += call.pixels * call.input_stride;
      }
    });
  }
}

}  // namespace burin::gemm
