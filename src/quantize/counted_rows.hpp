// The rows of a large tensor that statistics count: neighbours say little that is new. They depend on the sample, so
// that all places are seen, and on nothing else: what is counted of two models is counted at the same places.
#pragma once

#include <cstddef>

namespace burin {

struct CountedRows {
  size_t first;
  size_t stride;
};

// About `most` of `rows`, evenly spread, all of fewer than 2 * `most`. `sample`: its index.
inline CountedRows counted_rows(size_t rows, size_t most, size_t sample) {
  // Odd, so that no picture's width is a multiple of it.
  const size_t stride = rows / most < 2 ? 1 : rows / most | 1;
  return {sample % stride, stride};
}

// Per channel, of one sample.
inline constexpr size_t kCountedRows = 128;

}  // namespace burin
