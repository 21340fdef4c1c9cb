#include "formats/file/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace burin {

namespace {

// A descriptor that closes itself; the mapping outlives it.
class Descriptor {
 public:
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status system_error(const std::string& path, const char* what, std::string remedy) {
  return Status(StatusCode::kIo, path + ": " + what + ": " + std::strerror(errno), std::move(remedy));
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path, uint64_t max_bytes) {
  const Descriptor descriptor(path);
  if (descriptor.get() < 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return system_error(path, "cannot open the file",
                        missing ? "Check the path." : "Check the permissions of the file and its folders.");
  }
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) return system_error(path, "cannot examine the file", {});
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kIo, path + ": is a folder, not a file", "Give the path of a file.");
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(StatusCode::kIo, path + ": is not a regular file", "Copy its contents into a file first.");
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > max_bytes || size > SIZE_MAX) {
    return Status(StatusCode::kResourceLimit,
                  path + ": has " + std::to_string(size) + " bytes; at most " + std::to_string(max_bytes) + " are read",
                  "Check that this is the file you meant.");
  }
  std::span<const std::byte> bytes;
  if (size > 0) {
    void* address = ::mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
    if (address == MAP_FAILED) return system_error(path, "cannot map the file", {});
    bytes = {static_cast<const std::byte*>(address), static_cast<size_t>(size)};
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes));
}

void MappedFile::drop_pages(std::span<const std::byte> part) const {
  // Linux maps the pages around one that is touched too, in windows of this size.
  constexpr uintptr_t kWindow = 64 * 1024;
  const auto file_begin = reinterpret_cast<uintptr_t>(bytes_.data());
  const auto file_end = file_begin + bytes_.size();
  const auto begin = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t from = std::max(begin / kWindow * kWindow, file_begin);
  const uintptr_t to = std::min((begin + part.size() + kWindow - 1) / kWindow * kWindow, file_end);
#if defined(__wasi__)
  (void)from, (void)to;  // the file is read into memory there
#else
  if (to > from) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
#endif
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace burin
