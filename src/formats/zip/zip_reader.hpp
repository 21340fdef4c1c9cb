// Reads a zip archive in memory. A stored entry is viewed in place, a deflated one is inflated.
// Format: APPNOTE.TXT of PKWARE; the directory is parsed by minizip over a memory stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace burin {

struct ZipLimits {
  size_t max_entries = 100'000;
  uint64_t max_entry_bytes = uint64_t{4} << 30;
  // A deflated entry larger than `bomb_bytes` may not be more than `bomb_ratio` times its compressed size, all entries
  // together not more than that times the archive's.
  uint64_t bomb_bytes = uint64_t{64} << 20;
  uint64_t bomb_ratio = 100;
};

class ZipReader {
 public:
  struct Entry {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> keep_alive;
  };

  // Throws Error (kInvalidModel) when `bytes` is no zip archive or names an entry twice.
  ZipReader(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive, const ZipLimits& limits = {});

  std::vector<std::string_view> names() const;  // sorted
  bool contains(std::string_view name) const { return entries_.contains(name); }
  // Throws Error naming the entry: absent, encrypted, compressed by another method, damaged (CRC), a zip bomb.
  Entry read(std::string_view name) const;

 private:
  struct Location {
    uint64_t directory_position;
    uint64_t number;
  };
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> keep_alive_;
  ZipLimits limits_;
  std::map<std::string, Location, std::less<>> entries_;
};

}  // namespace burin
