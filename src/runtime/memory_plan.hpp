// Offsets of buffers in one arena: buffers whose lifetimes overlap never overlap in memory.
// Greedy by size (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020): the largest
// first, each into the smallest gap that fits between the buffers that live at the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace burin::runtime {

inline constexpr size_t kArenaAlignment = 64;

struct BufferLifetime {
  size_t bytes = 0;
  uint32_t first = 0;  // steps, both inclusive
  uint32_t last = 0;
};

struct MemoryPlan {
  std::vector<size_t> offsets;  // of each buffer, multiples of kArenaAlignment
  size_t arena_bytes = 0;
};

MemoryPlan plan_memory(std::span<const BufferLifetime> buffers);

}  // namespace burin::runtime
