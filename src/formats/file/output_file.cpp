#include "formats/file/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "burin/error.hpp"

namespace burin {

namespace {

const char* remedy_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Free some disk space or write to another disk.";
    case EFBIG:
      return "Raise the file-size limit (ulimit -f) or write to another file system.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Choose a folder that you may write to.";
    default:
      return "Choose another output path.";
  }
}

Error write_error(const std::string& path, int error) {
  return Error(StatusCode::kIo, path + ": cannot write the file: " + std::strerror(error), remedy_for(error));
}

// 0, or the errno of the write that failed. SIGXFSZ is ignored by the program, so that a file-size limit is EFBIG.
int write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (written == 0) return ENOSPC;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return 0;
}

// A result gets the mode of the file that it replaces, else what the umask leaves of 0666.
mode_t result_mode(const std::string& path) {
  struct stat existing{};
  if (::stat(path.c_str(), &existing) == 0) return existing.st_mode & 0777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

OutputFile::OutputFile(std::string path, std::span<const std::byte> bytes) : path_(std::move(path)) {
  const std::filesystem::path target(path_);
  if (!target.has_filename()) throw write_error(path_, EISDIR);
  std::error_code failure;
  if (std::filesystem::is_directory(target, failure)) throw write_error(path_, EISDIR);
  if (target.has_parent_path()) {
    std::filesystem::create_directories(target.parent_path(), failure);
    if (failure) throw write_error(path_, failure.value());
  }
  // Hidden and marked, so that what a killed process leaves is recognized.
  std::string pattern = (target.parent_path() / ("." + target.filename().string() + ".tmp-XXXXXX")).string();
  const int fd = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (fd < 0) throw write_error(path_, errno);
  temporary_path_ = std::move(pattern);

  int error = write_all(fd, bytes);
  if (error == 0 && ::fchmod(fd, result_mode(path_)) != 0) error = errno;
  // Network and quota file systems report a full disk only here.
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error != 0) {
    ::unlink(temporary_path_.c_str());
    throw write_error(path_, error);
  }
}

OutputFile::~OutputFile() {
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void OutputFile::commit() {
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) throw write_error(path_, errno);
  temporary_path_.clear();
}

}  // namespace burin
