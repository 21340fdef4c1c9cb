#pragma once

namespace burin {

// RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR: input 1 is [height, width].
struct ResizeAttributes {
  bool align_corners = false;
  bool half_pixel_centers = false;

  bool operator==(const ResizeAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("align_corners", align_corners), f("half_pixel_centers", half_pixel_centers);
  }
};

}  // namespace burin
