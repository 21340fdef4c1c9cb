#include "formats/zip/memory_stream.hpp"

#include <algorithm>
#include <cstring>

namespace burin {

namespace {

template <typename Stream>
Stream& stream_of(voidpf opaque) {
  return *static_cast<Stream*>(opaque);
}

// minizip passes the result on as the stream; any non-null pointer does.
voidpf open_stream(voidpf opaque, const void*, int) { return opaque; }

int close_stream(voidpf, voidpf) { return 0; }

int no_error(voidpf, voidpf) { return 0; }

// Also of a written stream: minizip reads back the headers that it wrote.
template <typename Stream>
uLong read_bytes(voidpf opaque, voidpf, void* buffer, uLong size) {
  auto& stream = stream_of<Stream>(opaque);
  const uint64_t left = stream.bytes.size() - std::min<uint64_t>(stream.position, stream.bytes.size());
  const auto count = static_cast<size_t>(std::min<uint64_t>(size, left));
  if (count > 0) std::memcpy(buffer, stream.bytes.data() + stream.position, count);
  stream.position += count;
  return count;
}

uLong write_nothing(voidpf, voidpf, const void*, uLong) { return 0; }

uLong write_bytes(voidpf opaque, voidpf, const void* buffer, uLong size) {
  auto& stream = stream_of<MemoryWriteStream>(opaque);
  const auto end = static_cast<size_t>(stream.position + size);
  if (end > stream.bytes.size()) stream.bytes.resize(end);
  if (size > 0) std::memcpy(stream.bytes.data() + stream.position, buffer, size);
  stream.position = end;
  return size;
}

template <typename Stream>
ZPOS64_T tell(voidpf opaque, voidpf) {
  return stream_of<Stream>(opaque).position;
}

template <typename Stream>
long seek(voidpf opaque, voidpf, ZPOS64_T offset, int origin) {
  auto& stream = stream_of<Stream>(opaque);
  const uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? stream.position
                        : origin == ZLIB_FILEFUNC_SEEK_END ? stream.bytes.size()
                                                           : 0;
  const uint64_t target = base + offset;
  if (target < base || target > stream.bytes.size()) return -1;
  stream.position = target;
  return 0;
}

}  // namespace

zlib_filefunc64_def functions_of(MemoryReadStream& stream) {
  return {open_stream,
          read_bytes<MemoryReadStream>,
          write_nothing,
          tell<MemoryReadStream>,
          seek<MemoryReadStream>,
          close_stream,
          no_error,
          &stream};
}

zlib_filefunc64_def functions_of(MemoryWriteStream& stream) {
  return {open_stream,
          read_bytes<MemoryWriteStream>,
          write_bytes,
          tell<MemoryWriteStream>,
          seek<MemoryWriteStream>,
          close_stream,
          no_error,
          &stream};
}

}  // namespace burin
