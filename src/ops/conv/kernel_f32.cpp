#include "gemm/f32_depthwise.hpp"
#include "gemm/f32_product.hpp"
#include "ops/conv/kernel.hpp"
#include "ops/conv/patches.hpp"
#include "ops/f32_kernel.hpp"

namespace burin {

using runtime::PrepareContext;

runtime::PreparedResult prepare_conv2d_f32(const PrepareContext& context, runtime::InstructionSet set) {
  if (!applies_to_f32(context)) return std::unique_ptr<runtime::PreparedKernel>();
  const auto& attributes = get<Conv2dAttributes>(context.attributes);
  const Shape& kernel = context.inputs[1].shape;  // O,H,W,I
  const gemm::Patches patches = convolution_patches(attributes, context.inputs[0].shape, kernel[1], kernel[2],
                                                    kernel[3], context.outputs[0].shape);
  const int64_t groups = patches.pixel_stride / patches.channels;
  const int64_t n = kernel[0] / groups;
  const gemm::WeightsLayout weights{context.inputs[1].data, n * patches.depth(), patches.depth(), 1};
  gemm::F32Product product(gemm::f32_kernels(set), patches, groups, n, weights, bias_data(context),
                           activation_range(attributes.activation));
  return runtime::PreparedResult(std::make_unique<F32Kernel<gemm::F32Product>>(std::move(product)));
}

runtime::PreparedResult prepare_depthwise_conv2d_f32(const PrepareContext& context, runtime::InstructionSet set) {
  if (!applies_to_f32(context)) return std::unique_ptr<runtime::PreparedKernel>();
  const auto& attributes = get<DepthwiseConv2dAttributes>(context.attributes);
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;  // 1,H,W,C*multiplier
  const FloatRange clamp = activation_range(attributes.activation);
  if (kernel[3] == input[3]) {
    const gemm::Patches patches =
        convolution_patches(attributes, input, kernel[1], kernel[2], input[3], context.outputs[0].shape);
    gemm::F32DepthwiseConvolution convolution(gemm::f32_kernels(set), patches, context.inputs[1].data,
                                              bias_data(context), clamp);
    return runtime::PreparedResult(std::make_unique<F32Kernel<gemm::F32DepthwiseConvolution>>(std::move(convolution)));
  }
  // With a multiplier it is a convolution of one group per input channel.
  const gemm::Patches patches =
      convolution_patches(attributes, input, kernel[1], kernel[2], 1, context.outputs[0].shape);
  const int64_t multiplier = kernel[3] / input[3];
  const gemm::WeightsLayout weights{context.inputs[1].data, multiplier, 1, kernel[3]};
  gemm::F32Product product(gemm::f32_kernels(set), patches, input[3], multiplier, weights, bias_data(context), clamp);
  return runtime::PreparedResult(std::make_unique<F32Kernel<gemm::F32Product>>(std::move(product)));
}

}  // namespace burin
