// Packing of float weights: columns [begin, begin + valid) of a group become [depth][columns], those that are missing
// zero.
#pragma once

#include <cstdint>

#include "gemm/weights_layout.hpp"

namespace burin::gemm {

void pack_columns(const WeightsLayout& weights, int64_t group, int64_t begin, int64_t valid, int64_t columns,
                  int64_t depth, float* packed);

}  // namespace burin::gemm
