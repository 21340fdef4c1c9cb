#include "runtime/memory_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace burin::runtime {
namespace {

TEST(MemoryPlan, BuffersOfOneTimeNeverOverlap) {
  std::mt19937 engine(7);
  const auto random = [&] { return static_cast<uint32_t>(engine()); };
  for (int round = 0; round < 200; ++round) {
    const uint32_t steps = 1 + random() % 40;
    std::vector<BufferLifetime> buffers(random() % 60);
    for (BufferLifetime& buffer : buffers) {
      buffer.bytes = random() % 4 == 0 ? 0 : random() % 5000;
      buffer.first = random() % steps;
      buffer.last = buffer.first + random() % (steps - buffer.first);
    }
    const MemoryPlan plan = plan_memory(buffers);
    ASSERT_EQ(plan.offsets.size(), buffers.size());
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(plan.offsets[i] % kArenaAlignment, 0u);
      EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.arena_bytes);
      for (size_t j = 0; j < i; ++j) {
        const bool same_time = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
        const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                           plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
        EXPECT_TRUE(!same_time || apart) << "round " << round << ", buffers " << j << " and " << i;
      }
    }
  }
}

TEST(MemoryPlan, AChainNeedsItsTwoLargestNeighbours) {
  // 640 -> 6400 -> 1280 -> 3200 -> 64
  const std::vector<BufferLifetime> chain{{640, 0, 1}, {6400, 1, 2}, {1280, 2, 3}, {3200, 3, 4}, {64, 4, 5}};
  EXPECT_EQ(plan_memory(chain).arena_bytes, 6400u + 1280u);
}

TEST(MemoryPlan, TheSmallestGapThatFitsIsTaken) {
  // Two gaps at moment 1, where the first and the third buffer were.
  const std::vector<BufferLifetime> buffers{{1024, 0, 0}, {960, 0, 1}, {256, 0, 0}, {192, 0, 1}, {128, 1, 1}};
  const MemoryPlan plan = plan_memory(buffers);
  EXPECT_EQ(plan.offsets[4], plan.offsets[2]);
}

TEST(MemoryPlan, NothingNeedsNothing) { EXPECT_EQ(plan_memory({}).arena_bytes, 0u); }

}  // namespace
}  // namespace burin::runtime
