#include "gemm/pack_columns.hpp"

#include <algorithm>

namespace burin::gemm {

namespace {

// Terms of every column at a time: few cache lines, so that both sides stay in the first-level cache.
constexpr int64_t kBlock = 64;

using Four = float __attribute__((vector_size(16)));

Four load(const std::byte* from) {
  Four value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void store(Four value, float* to) { std::memcpy(to, &value, sizeof value); }

Four low_halves(Four a, Four b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
Four high_halves(Four a, Four b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
Four first_pairs(Four a, Four b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
Four last_pairs(Four a, Four b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }

// The block of a column that comes next: columns are too many, and blocks too short, for processors to see streams.
void fetch(const std::byte* next) {
  for (int64_t line = 0; line < kBlock * int64_t{sizeof(float)}; line += 64) __builtin_prefetch(next + line);
}

// Four terms of four columns.
void transpose(const std::byte* from, int64_t column_bytes, float* to, int64_t columns) {
  const Four a = load(from), b = load(from + column_bytes), c = load(from + 2 * column_bytes),
             d = load(from + 3 * column_bytes);
  const Four ab = low_halves(a, b), cd = low_halves(c, d), ab2 = high_halves(a, b), cd2 = high_halves(c, d);
  store(first_pairs(ab, cd), to);
  store(last_pairs(ab, cd), to + columns);
  store(first_pairs(ab2, cd2), to + 2 * columns);
  store(last_pairs(ab2, cd2), to + 3 * columns);
}

}  // namespace

void pack_columns(const WeightsLayout& weights, int64_t group, int64_t begin, int64_t valid, int64_t columns,
                  int64_t depth, float* packed) {
  for (int64_t first = 0; first < depth; first += kBlock) {
    const int64_t end = std::min(first + kBlock, depth);
    const int64_t whole = weights.k_stride == 1 ? first + (end - first) / 4 * 4 : first;
    int64_t j = 0;
    for (; j + 4 <= valid && whole > first; j += 4) {
      const std::byte* column =
          weights.data + (group * weights.group_stride + (begin + j) * weights.n_stride) * int64_t{sizeof(float)};
      for (int64_t i = 0; i < 4; ++i) fetch(column + (i * weights.n_stride + end) * int64_t{sizeof(float)});
      for (int64_t k = first; k < whole; k += 4) {
        transpose(column + k * int64_t{sizeof(float)}, weights.n_stride * int64_t{sizeof(float)},
                  packed + k * columns + j, columns);
      }
      for (int64_t k = whole; k < end; ++k) {
        for (int64_t i = j; i < j + 4; ++i) packed[k * columns + i] = weights.at<float>(group, begin + i, k);
      }
    }
    for (int64_t k = first; k < end; ++k) {
      float* row = packed + k * columns;
      for (int64_t i = j; i < valid; ++i) row[i] = weights.at<float>(group, begin + i, k);
      for (int64_t i = valid; i < columns; ++i) row[i] = 0.0f;
    }
  }
}

}  // namespace burin::gemm
