// A file mapped read-only; the mapping lives as long as somebody holds it. Runtime library.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "burin/status.hpp"

namespace burin {

class MappedFile {
 public:
  // Refuses what is no regular file and files larger than `max_bytes`. An empty file has empty bytes.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path,
                                                        uint64_t max_bytes = uint64_t{4} << 30);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  // Gives back the memory of the pages that were touched, of the whole file or of those that a part of it lies on;
  // the system reads them again when they are.
  void drop_pages() const { drop_pages(bytes_); }
  void drop_pages(std::span<const std::byte> part) const;

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace burin
