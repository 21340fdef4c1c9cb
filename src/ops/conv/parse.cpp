#include "ops/conv/runtime.hpp"
#include "ops/parse_options.hpp"

namespace burin {

// Conv2DOptions: padding, stride_w, stride_h, fused activation, dilation_w, dilation_h.
Status parse_conv2d(const FlatTable& options, Attributes& attributes) {
  auto& conv = attributes.emplace<Conv2dAttributes>();
  Status status = parse_padding(options, 0, conv.padding);
  if (status.is_ok()) status = parse_positive(options, 1, 0, "stride_w", conv.stride_w);
  if (status.is_ok()) status = parse_positive(options, 2, 0, "stride_h", conv.stride_h);
  if (status.is_ok()) status = parse_fused_activation(options, 3, conv.activation);
  if (status.is_ok()) status = parse_positive(options, 4, 1, "dilation_w", conv.dilation_w);
  if (status.is_ok()) status = parse_positive(options, 5, 1, "dilation_h", conv.dilation_h);
  return status;
}

// DepthwiseConv2DOptions: padding, stride_w, stride_h, depth_multiplier, fused activation, dilation_w, dilation_h.
Status parse_depthwise_conv2d(const FlatTable& options, Attributes& attributes) {
  auto& conv = attributes.emplace<DepthwiseConv2dAttributes>();
  Status status = parse_padding(options, 0, conv.padding);
  if (status.is_ok()) status = parse_positive(options, 1, 0, "stride_w", conv.stride_w);
  if (status.is_ok()) status = parse_positive(options, 2, 0, "stride_h", conv.stride_h);
  if (status.is_ok()) status = parse_positive(options, 3, 0, "depth_multiplier", conv.depth_multiplier);
  if (status.is_ok()) status = parse_fused_activation(options, 4, conv.activation);
  if (status.is_ok()) status = parse_positive(options, 5, 1, "dilation_w", conv.dilation_w);
  if (status.is_ok()) status = parse_positive(options, 6, 1, "dilation_h", conv.dilation_h);
  return status;
}

}  // namespace burin
