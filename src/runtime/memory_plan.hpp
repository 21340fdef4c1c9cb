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

// 64 bits: on 32-bit machines, too, what a model asks for is known before it is refused.
struct BufferLifetime {
  uint64_t bytes = 0;
  uint32_t first = 0;  // steps, both inclusive
  uint32_t last = 0;
};

struct MemoryPlan {
  std::vector<uint64_t> offsets;  // of each buffer, multiples of kArenaAlignment
  uint64_t arena_bytes = 0;
};

MemoryPlan plan_memory(std::span<const BufferLifetime> buffers);

}  // namespace burin::runtime
