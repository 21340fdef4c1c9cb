#include "formats/flatbuffer/table_builder.hpp"
#include "ops/conv/toolkit.hpp"

namespace burin {

// Conv2DOptions (1): padding, stride_w, stride_h, fused activation, dilation_w, dilation_h.
WrittenOptions write_conv2d(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& conv = get<Conv2dAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(1, conv.stride_w, 0).scalar<int32_t>(2, conv.stride_h, 0);
  table.scalar<int32_t>(4, conv.dilation_w, 1).scalar<int32_t>(5, conv.dilation_h, 1);
  table.scalar(0, static_cast<int8_t>(conv.padding), int8_t{0});
  table.scalar(3, static_cast<int8_t>(conv.activation), int8_t{0});
  return {1, table.finish()};
}

// DepthwiseConv2DOptions (2): padding, stride_w, stride_h, depth_multiplier, fused activation, dilation_w, dilation_h.
WrittenOptions write_depthwise_conv2d(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& conv = get<DepthwiseConv2dAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(1, conv.stride_w, 0).scalar<int32_t>(2, conv.stride_h, 0);
  table.scalar<int32_t>(3, conv.depth_multiplier, 0);
  table.scalar<int32_t>(5, conv.dilation_w, 1).scalar<int32_t>(6, conv.dilation_h, 1);
  table.scalar(0, static_cast<int8_t>(conv.padding), int8_t{0});
  table.scalar(4, static_cast<int8_t>(conv.activation), int8_t{0});
  return {2, table.finish()};
}

}  // namespace burin
