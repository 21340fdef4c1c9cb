// SLICE, STRIDED_SLICE and TRANSPOSE as one thing: the output walks its input in order with a start and a stride per
// output dimension.
#pragma once

#include <array>

#include "ops/operands.hpp"

namespace burin {

struct StridedCopy {
  Shape output;                                    // after new and shrunk axes
  int64_t start = 0;                               // elements
  std::array<int64_t, Shape::kMaxRank> strides{};  // elements of the input per step of an output dimension
};

Status plan_slice(const InferContext& context, StridedCopy& copy);
Status plan_strided_slice(const InferContext& context, StridedCopy& copy);
Status plan_transpose(const InferContext& context, StridedCopy& copy);

}  // namespace burin
