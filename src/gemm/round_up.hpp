// Sizes of blocks.
#pragma once

#include <cstdint>

namespace burin::gemm {

inline int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace burin::gemm
