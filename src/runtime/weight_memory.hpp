// Memory of a Program's packed weights: one piece for all of them, in huge pages as far as weights are known to fill
// them, so that a Program starts with few page faults and runs with few misses of the address translation.
#pragma once

#include <cstddef>
#include <vector>

namespace burin::runtime {

class WeightMemory {
 public:
  // About so many bytes will be asked for, rather more.
  explicit WeightMemory(size_t expected_bytes) : expected_(expected_bytes) {}
  ~WeightMemory();
  WeightMemory(const WeightMemory&) = delete;
  WeightMemory& operator=(const WeightMemory&) = delete;

  static constexpr size_t kAlignment = 64;
  // Zero, aligned to kAlignment, given back with all others. Null: the system has no more memory.
  std::byte* allocate(size_t bytes);

 private:
  struct Region {
    void* begin;
    size_t bytes;
  };
  bool add_region(size_t bytes);

  size_t expected_;
  size_t used_ = 0;
  std::vector<Region> regions_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::byte* huge_end_ = nullptr;  // of the huge pages at the beginning of the last region
};

// Asks for the whole pages of new memory that will all be written at once, instead of one after the other as each is
// written first. Without effect where the system cannot.
void fault_in(std::byte* memory, size_t bytes);

}  // namespace burin::runtime
