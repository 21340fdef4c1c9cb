#pragma once

#include <cstdint>
#include <vector>

#include "burin/tensor_types.hpp"
#include "ops/fused_activation.hpp"

namespace burin {

// RESHAPE: input 1, where present, is the new shape (one -1 allowed) and wins over `new_shape`.
struct ReshapeAttributes {
  std::vector<int32_t> new_shape;

  bool operator==(const ReshapeAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("new_shape", new_shape);
  }
};

struct SqueezeAttributes {
  std::vector<int32_t> dims;  // empty: all of size 1

  bool operator==(const SqueezeAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("dims", dims);
  }
};

struct ConcatenationAttributes {
  int32_t axis = 0;
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const ConcatenationAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("axis", axis), f("activation", activation);
  }
};

struct PackAttributes {
  int32_t axis = 0;
  int32_t values_count = 0;

  bool operator==(const PackAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("axis", axis), f("values_count", values_count);
  }
};

// STRIDED_SLICE: inputs 1..3 are begin, end, strides; bit i of a mask speaks of dimension i.
struct StridedSliceAttributes {
  int32_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;

  bool operator==(const StridedSliceAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("begin_mask", begin_mask), f("end_mask", end_mask), f("ellipsis_mask", ellipsis_mask);
    f("new_axis_mask", new_axis_mask), f("shrink_axis_mask", shrink_axis_mask), f("offset", offset);
  }
};

struct ShapeAttributes {
  ElementType out_type = ElementType::kInt32;

  bool operator==(const ShapeAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("out_type", out_type);
  }
};

}  // namespace burin
