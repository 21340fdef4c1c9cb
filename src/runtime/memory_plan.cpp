#include "runtime/memory_plan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace burin::runtime {

namespace {

uint64_t aligned(uint64_t bytes) { return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment; }

}  // namespace

MemoryPlan plan_memory(std::span<const BufferLifetime> buffers) {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });

  MemoryPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<size_t> placed;  // by offset
  for (const size_t id : order) {
    const BufferLifetime& buffer = buffers[id];
    const uint64_t bytes = aligned(buffer.bytes);
    uint64_t best = 0, best_gap = std::numeric_limits<uint64_t>::max(), end = 0;
    for (const size_t other : placed) {
      if (buffers[other].last < buffer.first || buffers[other].first > buffer.last) continue;
      const uint64_t gap = plan.offsets[other] > end ? plan.offsets[other] - end : 0;
      if (gap >= bytes && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
      end = std::max(end, plan.offsets[other] + aligned(buffers[other].bytes));
    }
    plan.offsets[id] = best_gap == std::numeric_limits<uint64_t>::max() ? end : best;
    plan.arena_bytes = std::max(plan.arena_bytes, plan.offsets[id] + bytes);
    const auto place =
        std::ranges::upper_bound(placed, plan.offsets[id], {}, [&](size_t i) { return plan.offsets[i]; });
    placed.insert(place, id);
  }
  return plan;
}

}  // namespace burin::runtime
