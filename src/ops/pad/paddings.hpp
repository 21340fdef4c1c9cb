// The paddings of PAD and PADV2: input 1 is [rank, 2], before and after of every dimension.
#pragma once

#include <array>

#include "ops/operands.hpp"
#include "ops/pad/runtime.hpp"

namespace burin {

struct Paddings {
  std::array<int64_t, Shape::kMaxRank> before{};
  Shape output;
};
Status read_paddings(std::string_view op, const TensorView& input, const TensorView& paddings, Paddings& result);

}  // namespace burin
