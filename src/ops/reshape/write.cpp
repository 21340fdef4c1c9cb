#include "formats/flatbuffer/table_builder.hpp"
#include "ops/reshape/toolkit.hpp"

namespace burin {

// ConcatenationOptions (10): axis, fused activation.
WrittenOptions write_concatenation(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& concatenation = get<ConcatenationAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(0, concatenation.axis, 0);
  table.scalar(1, static_cast<int8_t>(concatenation.activation), int8_t{0});
  return {10, table.finish()};
}

// PackOptions (59): values_count, axis.
WrittenOptions write_pack(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& pack = get<PackAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(0, pack.values_count, 0).scalar<int32_t>(1, pack.axis, 0);
  return {59, table.finish()};
}

// ReshapeOptions (17): new_shape, which only a node without a shape input needs.
WrittenOptions write_reshape(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& dims = get<ReshapeAttributes>(node.attributes).new_shape;
  if (dims.empty() && node.inputs.size() > 1) return {};
  const uint32_t new_shape = builder.CreateVector(dims).o;
  TableBuilder table(builder);
  table.offset(0, new_shape);
  return {17, table.finish()};
}

// ShapeOptions (55): out_type.
WrittenOptions write_shape(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  TableBuilder table(builder);
  table.scalar(0, static_cast<int8_t>(get<ShapeAttributes>(node.attributes).out_type), int8_t{0});
  return {55, table.finish()};
}

// SqueezeOptions (30): squeeze_dims.
WrittenOptions write_squeeze(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& dims = get<SqueezeAttributes>(node.attributes).dims;
  const uint32_t squeeze_dims = dims.empty() ? 0 : builder.CreateVector(dims).o;
  TableBuilder table(builder);
  table.offset(0, squeeze_dims);
  return {30, table.finish()};
}

// StridedSliceOptions (32): begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask, offset.
WrittenOptions write_strided_slice(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& slice = get<StridedSliceAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(0, slice.begin_mask, 0).scalar<int32_t>(1, slice.end_mask, 0);
  table.scalar<int32_t>(2, slice.ellipsis_mask, 0).scalar<int32_t>(3, slice.new_axis_mask, 0);
  table.scalar<int32_t>(4, slice.shrink_axis_mask, 0);
  table.scalar(5, static_cast<uint8_t>(slice.offset), uint8_t{0});
  return {32, table.finish()};
}

}  // namespace burin
