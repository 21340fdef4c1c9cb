// Sizes of blocks.
#pragma once

#include <cstdint>

namespace burin::gemm {

// Of nonnegative numbers.
inline int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

inline int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace burin::gemm
