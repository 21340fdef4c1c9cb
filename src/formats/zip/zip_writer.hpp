// Writes a zip archive in memory: entries stored, in the order they are added, without dates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace burin {

class ZipWriter {
 public:
  ZipWriter();
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // Throws Error when the archive cannot take it.
  void add(const std::string& name, std::span<const std::byte> bytes);
  std::vector<uint8_t> finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace burin
