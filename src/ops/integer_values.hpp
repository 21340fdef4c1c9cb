// Elements of every integer type as int64, so that what seldom runs is compiled once and not for each type.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ops/operator.hpp"

namespace burin {

// Elements that are looked at together, on the stack.
inline constexpr int64_t kIntegerBlock = 128;

bool is_integer(ElementType type);
// The smallest value of an integer type.
int64_t lowest_integer(ElementType type);
// values[i] is element first + i * step; step is 0 or more. Any address is good.
void load_integers(const TensorView& tensor, int64_t first, int64_t step, int64_t count, int64_t* values);
// Element first + i becomes values[i], of which the type's bits are kept. Not for int4.
void store_integers(const int64_t* values, int64_t count, const MutableTensorView& tensor, int64_t first);

// Every element of the output is f(that of the input).
template <typename F>
void map_integers(const TensorView& input, const MutableTensorView& output, F f) {
  const int64_t count = input.shape.elements();
  int64_t values[kIntegerBlock];
  for (int64_t first = 0; first < count; first += kIntegerBlock) {
    const int64_t block = std::min(kIntegerBlock, count - first);
    load_integers(input, first, 1, block, values);
    for (int64_t i = 0; i < block; ++i) values[i] = f(values[i]);
    store_integers(values, block, output, first);
  }
}

}  // namespace burin
