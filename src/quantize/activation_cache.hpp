// One record of bytes for each sample: the activations at a cut through the graph. As many records as fit stay in
// memory, the others go to an unlinked temporary file in TMPDIR (else /tmp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace burin {

class ActivationCache {
 public:
  ActivationCache(size_t records, size_t record_bytes, int64_t memory_limit);
  ~ActivationCache();
  ActivationCache(const ActivationCache&) = delete;
  ActivationCache& operator=(const ActivationCache&) = delete;

  size_t record_bytes() const { return record_bytes_; }
  int64_t memory_bytes() const { return static_cast<int64_t>(in_memory_ * record_bytes_); }
  // Different threads may write and read different records. Both throw Error when the file cannot hold them.
  void write(size_t record, std::span<const std::byte> bytes);
  void read(size_t record, std::span<std::byte> bytes) const;

 private:
  [[noreturn]] void fail(const char* action) const;

  size_t records_, record_bytes_, in_memory_;
  std::unique_ptr<std::byte[]> memory_;
  int file_ = -1;
};

}  // namespace burin
