#include "runtime/weight_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace burin::runtime {
namespace {

// More and less than was expected, pieces larger than any region before.
TEST(WeightMemory, PiecesAreZeroAlignedAndApart) {
  for (const size_t expected : {size_t{0}, size_t{1} << 16, size_t{5} << 20}) {
    WeightMemory memory(expected);
    std::vector<std::pair<std::byte*, size_t>> pieces;
    for (const size_t bytes : {size_t{1}, size_t{100}, size_t{3} << 20, size_t{64}, size_t{7000}, size_t{2} << 20}) {
      std::byte* piece = memory.allocate(bytes);
      ASSERT_NE(piece, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % WeightMemory::kAlignment, 0u);
      EXPECT_TRUE(std::all_of(piece, piece + bytes, [](std::byte value) { return value == std::byte{0}; }));
      std::fill_n(piece, bytes, static_cast<std::byte>(pieces.size() + 1));
      pieces.emplace_back(piece, bytes);
    }
    for (size_t i = 0; i < pieces.size(); ++i) {
      const auto [piece, bytes] = pieces[i];
      EXPECT_EQ(std::count(piece, piece + bytes, static_cast<std::byte>(i + 1)), static_cast<std::ptrdiff_t>(bytes));
    }
  }
}

TEST(WeightMemory, MoreThanThereIsIsNull) {
  WeightMemory memory(0);
  EXPECT_EQ(memory.allocate(std::numeric_limits<size_t>::max() - 10), nullptr);
  EXPECT_EQ(memory.allocate(std::numeric_limits<size_t>::max() / 2 + 1), nullptr);
  if (sizeof(size_t) == 8) {
    EXPECT_EQ(memory.allocate(std::numeric_limits<size_t>::max() / 4), nullptr);
  }
}

}  // namespace
}  // namespace burin::runtime
