#include "runtime/weight_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "gemm/round_up.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace burin::runtime {

namespace {

constexpr size_t kMinRegionBytes = size_t{1} << 18;

#if defined(__linux__)
constexpr size_t kPage = 4096, kHugePage = size_t{2} << 20;

std::byte* map(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}
#endif

}  // namespace

WeightMemory::~WeightMemory() {
  for (const Region& region : regions_) {
#if defined(__linux__)
    ::munmap(region.begin, region.bytes);
#else
    std::free(region.begin);
#endif
  }
}

bool WeightMemory::add_region(size_t bytes) {
  const size_t rest = expected_ > used_ ? expected_ - used_ : 0;
  // With room for what packing adds: pages that nothing is written to are not there.
  size_t region = std::max(bytes, rest + rest / 8) + kMinRegionBytes;
#if defined(__linux__)
  const size_t huge = rest / kHugePage * kHugePage;
  region = static_cast<size_t>(gemm::round_up(static_cast<int64_t>(region), int64_t{kPage}));
  const size_t mapped = region + (huge > 0 ? kHugePage : 0);
  std::byte* memory = map(mapped);
  if (memory == nullptr) return false;
  regions_.push_back({memory, mapped});
  if (huge > 0) {
    const auto address = reinterpret_cast<uintptr_t>(memory);
    memory += (kHugePage - address % kHugePage) % kHugePage;
    ::madvise(memory, huge, MADV_HUGEPAGE);
  }
  next_ = memory;
  huge_end_ = memory + huge;
#else
  region += kAlignment;
  void* memory = std::calloc(region, 1);
  if (memory == nullptr) return false;
  regions_.push_back({memory, region});
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const size_t skipped = (kAlignment - address % kAlignment) % kAlignment;
  next_ = static_cast<std::byte*>(memory) + skipped;
  region -= skipped;
  huge_end_ = next_;
#endif
  end_ = next_ + region;
  return true;
}

std::byte* WeightMemory::allocate(size_t bytes) {
  if (bytes > SIZE_MAX / 2) return nullptr;
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes > static_cast<size_t>(end_ - next_) && !add_region(bytes)) return nullptr;
  std::byte* memory = next_;
  next_ += bytes;
  used_ += bytes;
  if (next_ > huge_end_) {
    std::byte* small = std::max(memory, huge_end_);
    fault_in(small, static_cast<size_t>(next_ - small));
  }
  return memory;
}

void fault_in([[maybe_unused]] std::byte* memory, [[maybe_unused]] size_t bytes) {
#if defined(__linux__)
  constexpr uintptr_t kFewPages = 4;  // for which a call would not pay
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE of Linux 5.14; older ones refuse it
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t begin = (address + kPage - 1) / kPage * kPage, end = (address + bytes) / kPage * kPage;
  if (end >= begin + kFewPages * kPage) ::madvise(reinterpret_cast<void*>(begin), end - begin, kPopulateWrite);
#endif
}

}  // namespace burin::runtime
