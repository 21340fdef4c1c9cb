// Memory for packed weights: zero, aligned to 64 bytes, so that whole vectors are read from it. From a Program's
// WeightMemory, which then must outlive it, or its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "runtime/weight_memory.hpp"

namespace burin::gemm {

template <typename T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size, runtime::WeightMemory* memory = nullptr) : size_(size) {
    constexpr size_t kAlignment = runtime::WeightMemory::kAlignment;
    if (memory != nullptr) data_ = reinterpret_cast<T*>(memory->allocate(size * sizeof(T)));
    if (data_ != nullptr) return;
    // What calloc has fresh from the system is zero already.
    while ((memory_ = Memory(std::calloc(size * sizeof(T) + kAlignment, 1))) == nullptr) {
      void* volatile asked = ::operator new(size * sizeof(T) + kAlignment);  // says that there is no memory
      ::operator delete(asked);
    }
    const auto address = reinterpret_cast<uintptr_t>(memory_.get());
    data_ = reinterpret_cast<T*>((address + kAlignment - 1) / kAlignment * kAlignment);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t bytes() const { return size_ * sizeof(T); }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Memory = std::unique_ptr<void, Free>;
  Memory memory_;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace burin::gemm
