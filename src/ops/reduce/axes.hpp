// The axes of MEAN, SUM and REDUCE_MAX: input 1, negative ones counted from the end, repetitions allowed.
#pragma once

#include <array>

#include "ops/operands.hpp"
#include "ops/reduce/runtime.hpp"

namespace burin {

struct ReducedAxes {
  std::array<bool, Shape::kMaxRank> reduced{};
  Shape output;
};
Status read_axes(std::string_view op, const TensorView& input, const TensorView& axes, bool keep_dims,
                 ReducedAxes& result);

}  // namespace burin
