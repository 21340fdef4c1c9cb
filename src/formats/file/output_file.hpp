// Writing a result so that it appears whole or not at all: a temporary file in the same folder, then a rename.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace burin {

// Before the work begins: throws Error when `path` is a folder, a device or one of `files` (what the same command reads
// or writes, names that are empty left out), or lies where nothing can be written. Creates nothing.
void check_output_path(const std::string& path, const std::vector<std::string>& files);

// A finished temporary file beside `path`. Removed by the destructor unless commit() renamed it.
class OutputFile {
 public:
  // Creates missing parent folders; throws Error (kIo) naming `path` when it cannot be written (also: disk full).
  OutputFile(std::string path, std::span<const std::byte> bytes);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& temporary_path() const { return temporary_path_; }
  void commit();  // throws Error when the rename fails

 private:
  std::string path_;
  std::string temporary_path_;
};

}  // namespace burin
