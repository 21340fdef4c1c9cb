#pragma once

#include <cstdint>

#include "ops/conv/attributes.hpp"

namespace burin {

// AVERAGE_POOL_2D (padding does not count), MAX_POOL_2D.
struct Pool2dAttributes {
  Padding padding = Padding::kValid;
  int32_t stride_h = 1, stride_w = 1;
  int32_t filter_h = 1, filter_w = 1;
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const Pool2dAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("padding", padding), f("stride_h", stride_h), f("stride_w", stride_w), f("filter_h", filter_h);
    f("filter_w", filter_w), f("activation", activation);
  }
};

}  // namespace burin
