#include "runtime/fault_in.hpp"

#if defined(__linux__)
#include <sys/mman.h>

#include <cstdint>
#endif

namespace burin::runtime {

void fault_in([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#if defined(__linux__)
  constexpr uintptr_t kPage = 4096;
  constexpr uintptr_t kFewPages = 4;  // for which a call would not pay
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE of Linux 5.14; older ones refuse it
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t begin = (address + kPage - 1) / kPage * kPage, end = (address + bytes) / kPage * kPage;
  if (end >= begin + kFewPages * kPage) ::madvise(reinterpret_cast<void*>(begin), end - begin, kPopulateWrite);
#endif
}

}  // namespace burin::runtime
