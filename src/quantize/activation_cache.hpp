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
  // `fill` is given the memory to write to.
  template <typename Fill>
  void write(size_t record, std::vector<std::byte>& spare, Fill&& fill) {
    if (record < in_memory_) return fill(memory_.get() + record * record_bytes_);
    spare.resize(record_bytes_);
    fill(spare.data());
    write_to_file(record, spare);
  }
  // Views the record where it lies in memory, else in `spare`.
  std::span<const std::byte> read(size_t record, std::vector<std::byte>& spare) const;

 private:
  void write_to_file(size_t record, std::span<const std::byte> bytes);
  [[noreturn]] void fail(const char* action) const;

  size_t records_, record_bytes_, in_memory_;
  std::unique_ptr<std::byte[]> memory_;
  int file_ = -1;
};

}  // namespace burin
