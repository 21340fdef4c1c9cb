#include "formats/flatbuffer/flat_table.hpp"
#include "ops/resize/runtime.hpp"

namespace burin {

namespace {

Status parse_resize(const FlatTable& options, int align_corners_field, Attributes& attributes) {
  auto& resize = attributes.emplace<ResizeAttributes>();
  resize.align_corners = options.scalar<uint8_t>(align_corners_field, 0) != 0;
  resize.half_pixel_centers = options.scalar<uint8_t>(align_corners_field + 1, 0) != 0;
  return {};
}

}  // namespace

// ResizeBilinearOptions: two deprecated fields (the new size), align_corners, half_pixel_centers.
Status parse_resize_bilinear(const FlatTable& options, Attributes& attributes) {
  return parse_resize(options, 2, attributes);
}

// ResizeNearestNeighborOptions: align_corners, half_pixel_centers.
Status parse_resize_nearest_neighbor(const FlatTable& options, Attributes& attributes) {
  return parse_resize(options, 0, attributes);
}

}  // namespace burin
