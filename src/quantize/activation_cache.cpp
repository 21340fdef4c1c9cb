#include "quantize/activation_cache.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "burin/error.hpp"

namespace burin {

namespace {

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder == nullptr || *folder == '\0' ? "/tmp" : folder;
}

}  // namespace

ActivationCache::ActivationCache(size_t records, size_t record_bytes, int64_t memory_limit)
    : records_(records), record_bytes_(record_bytes), in_memory_(records) {
  if (record_bytes > 0) {
    in_memory_ = std::min(records, static_cast<size_t>(std::max<int64_t>(memory_limit, 0)) / record_bytes);
  }
  if (in_memory_ < records) {
    std::string path = temporary_folder() + "/burin-activations-XXXXXX";
    file_ = mkostemp(path.data(), O_CLOEXEC);
    if (file_ < 0) fail("make");
    unlink(path.c_str());
  }
  // Not initialized: pages that are never written take no memory.
  memory_.reset(new std::byte[in_memory_ * record_bytes]);
}

ActivationCache::~ActivationCache() {
  if (file_ >= 0) close(file_);
}

void ActivationCache::write_to_file(size_t record, std::span<const std::byte> bytes) {
  auto offset = static_cast<off_t>((record - in_memory_) * record_bytes_);
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += written;
  }
}

std::span<const std::byte> ActivationCache::read(size_t record, std::vector<std::byte>& spare) const {
  if (record < in_memory_) return {memory_.get() + record * record_bytes_, record_bytes_};
  spare.resize(record_bytes_);
  std::span<std::byte> bytes = spare;
  auto offset = static_cast<off_t>((record - in_memory_) * record_bytes_);
  while (!bytes.empty()) {
    const ssize_t got = pread(file_, bytes.data(), bytes.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("read");
    bytes = bytes.subspan(static_cast<size_t>(got));
    offset += got;
  }
  return spare;
}

void ActivationCache::fail(const char* action) const {
  const std::string reason = std::strerror(errno);
  const size_t megabytes = ((records_ - in_memory_) * record_bytes_ + 999'999) / 1'000'000;
  throw Error(StatusCode::kIo,
              "cannot " + std::string(action) + " a temporary file in " + temporary_folder() + ": " + reason,
              "set TMPDIR to a folder with " + std::to_string(megabytes) + " MB free, or use fewer samples");
}

}  // namespace burin
