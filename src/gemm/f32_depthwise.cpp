#include "gemm/f32_depthwise.hpp"

#include "gemm/depthwise_rows.hpp"
#include "gemm/round_up.hpp"
#include "gemm/weights_layout.hpp"

namespace burin::gemm {

F32DepthwiseConvolution::F32DepthwiseConvolution(const F32Kernels& kernels, const Patches& patches,
                                                 const std::byte* weights, const std::byte* bias, FloatRange clamp)
    : kernels_(kernels), patches_(patches), clamp_(clamp) {
  const int64_t channels = patches.channels;
  padded_channels_ = round_up(channels, kernels.lanes);
  weights_ = AlignedBuffer<float>(static_cast<size_t>(patches.taps() * padded_channels_));
  bias_ = AlignedBuffer<float>(static_cast<size_t>(padded_channels_));
  zeros_ = AlignedBuffer<float>(static_cast<size_t>(outside_elements(patches)));
  for (int64_t tap = 0; tap < patches.taps(); ++tap) {
    for (int64_t c = 0; c < channels; ++c) {
      weights_.data()[tap * padded_channels_ + c] = element_or_zero<float>(weights, tap * channels + c);
    }
  }
  for (int64_t c = 0; c < channels; ++c) bias_.data()[c] = element_or_zero<float>(bias, c);
}

size_t F32DepthwiseConvolution::scratch_bytes(int threads) const {
  return static_cast<size_t>(threads) * static_cast<size_t>(patches_.taps()) * sizeof(const float*);
}

void F32DepthwiseConvolution::run(const float* image, float* output, std::byte* scratch,
                                  runtime::ThreadPool& threads) const {
  const Patches& p = patches_;
  threads.parallel_for(p.batch * p.out_h, 1, [&](int64_t begin, int64_t end, int thread) {
    const float** inputs = reinterpret_cast<const float**>(scratch) + thread * p.taps();
    F32Depthwise call;
    call.channels = p.channels;
    call.taps = p.taps();
    call.inputs = inputs;
    call.input_stride = p.stride_w * p.pixel_stride;
    call.weights = weights_.data();
    call.weight_stride = padded_channels_;
    call.bias = bias_.data();
    call.output_stride = p.channels;
    call.min = clamp_.min;
    call.max = clamp_.max;
    for (int64_t row = begin; row < end; ++row) {
      for_each_depthwise_segment(p, image, row / p.out_h, row % p.out_h, zeros_.data(), inputs,
                                 [&](int64_t x, int64_t pixels) {
                                   call.pixels = pixels;
                                   call.output = output + (row * p.out_w + x) * p.channels;
                                   kernels_.depthwise(call);
                                 });
    }
  });
}

}  // namespace burin::gemm
