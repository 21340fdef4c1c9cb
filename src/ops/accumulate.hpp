// How the reference evaluations of reductions and pools take values in.
#pragma once

#include <cstdint>

namespace burin {

// sums[i * step] takes values[i] in, in this order; step is 0 or 1.
template <typename T>
using Accumulate = void (*)(const T* values, int64_t count, T* sums, int64_t step);

template <typename T>
void add_values(const T* values, int64_t count, T* sums, int64_t step) {
  if (step == 1) {
    for (int64_t i = 0; i < count; ++i) sums[i] += values[i];
    return;
  }
  T sum = *sums;
  for (int64_t i = 0; i < count; ++i) sum += values[i];
  *sums = sum;
}

template <typename T>
void keep_larger_values(const T* values, int64_t count, T* sums, int64_t step) {
  if (step == 1) {
    for (int64_t i = 0; i < count; ++i) sums[i] = values[i] > sums[i] ? values[i] : sums[i];
    return;
  }
  T largest = *sums;
  for (int64_t i = 0; i < count; ++i) largest = values[i] > largest ? values[i] : largest;
  *sums = largest;
}

}  // namespace burin
