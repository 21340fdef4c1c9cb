#include "gemm/pack_columns.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace burin::gemm {
namespace {

// Element (group, n, k) of either layout is its place in [group][n][k].
void check(int64_t groups, int64_t n, int64_t depth, int64_t begin, int64_t valid, int64_t columns, bool k_last) {
  std::vector<float> ordered(static_cast<size_t>(groups * n * depth)), source(ordered.size());
  std::iota(ordered.begin(), ordered.end(), 1.0f);
  const WeightsLayout layout{nullptr, n * depth, k_last ? depth : 1, k_last ? 1 : n};
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t k = 0; k < depth; ++k) {
        source[static_cast<size_t>(g * layout.group_stride + i * layout.n_stride + k * layout.k_stride)] =
            ordered[static_cast<size_t>((g * n + i) * depth + k)];
      }
    }
  }
  // As in a file: not aligned.
  std::vector<std::byte> bytes(source.size() * sizeof(float) + 1);
  std::memcpy(bytes.data() + 1, source.data(), source.size() * sizeof(float));
  WeightsLayout weights = layout;
  weights.data = bytes.data() + 1;
  const int64_t group = groups - 1;
  std::vector<float> packed(static_cast<size_t>(depth * columns) + 1, -1.0f);
  pack_columns(weights, group, begin, valid, columns, depth, packed.data());
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t j = 0; j < columns; ++j) {
      const float expected = j < valid ? ordered[static_cast<size_t>((group * n + begin + j) * depth + k)] : 0.0f;
      ASSERT_EQ(packed[static_cast<size_t>(k * columns + j)], expected) << k << ' ' << j;
    }
  }
  EXPECT_EQ(packed.back(), -1.0f);
}

TEST(PackColumns, EveryElementIsInItsPlace) {
  for (const bool k_last : {true, false}) {
    for (const int64_t depth : {1, 3, 4, 15, 16, 17, 37, 64}) {
      check(1, 24, depth, 0, 24, 24, k_last);
      check(2, 19, depth, 8, 11, 16, k_last);
      check(1, 7, depth, 0, 7, 8, k_last);
      check(3, 2, depth, 1, 1, 8, k_last);
    }
  }
}

}  // namespace
}  // namespace burin::gemm
