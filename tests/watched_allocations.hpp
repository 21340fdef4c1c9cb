// Replaces operator new of a test program, once: allocations can be made to fail, and the largest one is known.
// Included by one source file of the program.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <new>

namespace burin {

// Of this thread.
struct Allocations {
  static inline thread_local int64_t left = -1;  // that still succeed; negative: all do
  static inline thread_local size_t largest = 0;

  static bool next_fails(size_t bytes) {
    largest = std::max(largest, bytes);
    if (left < 0) return false;
    if (left == 0) return true;
    --left;
    return false;
  }
  static void* allocate(size_t bytes, size_t alignment) {
    if (next_fails(bytes)) throw std::bad_alloc();
    void* memory = std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  static void* allocate_or_null(size_t bytes) { return next_fails(bytes) ? nullptr : std::malloc(bytes + 1); }
};

}  // namespace burin

void* operator new(size_t bytes) { return burin::Allocations::allocate(bytes, 16); }
void* operator new[](size_t bytes) { return burin::Allocations::allocate(bytes, 16); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return burin::Allocations::allocate(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return burin::Allocations::allocate_or_null(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return burin::Allocations::allocate_or_null(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
