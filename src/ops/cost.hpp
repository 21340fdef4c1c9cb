// Counting operations before a batch is chosen: a free dimension counts once.
#pragma once

#include "graph/model.hpp"

namespace burin {

inline int64_t elements_per_sample(const Shape& shape) {
  int64_t product = 1;
  for (const int32_t dim : shape.dims()) product *= dim == Shape::kFree ? 1 : dim;
  return product;
}

}  // namespace burin
