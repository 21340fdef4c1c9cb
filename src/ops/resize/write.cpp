#include "formats/flatbuffer/table_builder.hpp"
#include "ops/resize/toolkit.hpp"

namespace burin {

namespace {

uint32_t write_resize(flatbuffers::FlatBufferBuilder& builder, const Node& node, int align_corners_field) {
  const auto& resize = get<ResizeAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar(align_corners_field, static_cast<uint8_t>(resize.align_corners), uint8_t{0});
  table.scalar(align_corners_field + 1, static_cast<uint8_t>(resize.half_pixel_centers), uint8_t{0});
  return table.finish();
}

}  // namespace

// ResizeBilinearOptions (15): two deprecated fields, align_corners, half_pixel_centers.
WrittenOptions write_resize_bilinear(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  return {15, write_resize(builder, node, 2)};
}

// ResizeNearestNeighborOptions (74): align_corners, half_pixel_centers.
WrittenOptions write_resize_nearest_neighbor(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  return {74, write_resize(builder, node, 0)};
}

}  // namespace burin
