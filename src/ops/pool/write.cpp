#include "formats/flatbuffer/table_builder.hpp"
#include "ops/pool/toolkit.hpp"

namespace burin {

// Pool2DOptions (5): padding, stride_w, stride_h, filter_width, filter_height, fused activation.
WrittenOptions write_pool2d(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& pool = get<Pool2dAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar<int32_t>(1, pool.stride_w, 0).scalar<int32_t>(2, pool.stride_h, 0);
  table.scalar<int32_t>(3, pool.filter_w, 0).scalar<int32_t>(4, pool.filter_h, 0);
  table.scalar(0, static_cast<int8_t>(pool.padding), int8_t{0});
  table.scalar(5, static_cast<int8_t>(pool.activation), int8_t{0});
  return {5, table.finish()};
}

}  // namespace burin
