// minizip's file functions over memory: a read-only span, or a growing buffer.
#pragma once

#include <minizip/ioapi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace burin {

struct MemoryReadStream {
  std::span<const std::byte> bytes;
  uint64_t position = 0;
};

struct MemoryWriteStream {
  std::vector<uint8_t> bytes;
  uint64_t position = 0;
};

// The returned functions refer to `stream`, which must outlive the archive handle.
zlib_filefunc64_def functions_of(MemoryReadStream& stream);
zlib_filefunc64_def functions_of(MemoryWriteStream& stream);

}  // namespace burin
