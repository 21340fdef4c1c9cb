// The convolution of a node as the blocked products take it.
#pragma once

#include "gemm/patches.hpp"
#include "gemm/weights_layout.hpp"
#include "ops/conv/patches.hpp"
#include "runtime/kernel.hpp"

namespace burin {

// A convolution as a product; a depthwise one with a multiplier is a convolution of one group per input channel.
struct Convolution {
  gemm::Patches patches;
  int64_t groups;
  int64_t n;  // output channels of a group
  gemm::WeightsLayout weights;
};

inline Status make_convolution(const runtime::PrepareContext& context, const Conv2dAttributes& attributes,
                               Convolution& convolution) {
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;  // O,H,W,I
  Status status =
      convolution_patches("CONV_2D", attributes, input, kernel, kernel[3], context.padding, convolution.patches);
  const int64_t depth = convolution.patches.depth();
  convolution.groups = input[3] / kernel[3];
  convolution.n = kernel[0] / convolution.groups;
  convolution.weights = {context.inputs[1].data, convolution.n * depth, depth, 1};
  return status;
}

inline Status make_convolution(const runtime::PrepareContext& context, const DepthwiseConv2dAttributes& attributes,
                               Convolution& convolution) {
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;  // 1,H,W,C*multiplier
  Status status =
      convolution_patches("DEPTHWISE_CONV_2D", attributes, input, kernel, 1, context.padding, convolution.patches);
  convolution.groups = input[3];
  convolution.n = kernel[3] / input[3];
  convolution.weights = {context.inputs[1].data, convolution.n, 1, kernel[3]};
  return status;
}

inline Status make_depthwise_patches(const runtime::PrepareContext& context, gemm::Patches& patches) {
  const Shape& input = context.inputs[0].shape;
  return convolution_patches("DEPTHWISE_CONV_2D", get<DepthwiseConv2dAttributes>(context.attributes), input,
                             context.inputs[1].shape, input[3], context.padding, patches);
}

inline bool has_multiplier(const runtime::PrepareContext& context) {
  return context.inputs[1].shape[3] != context.inputs[0].shape[3];
}

}  // namespace burin
