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

namespace fs = std::filesystem;

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

// A rename would put a plain file in the place of a device.
void check_kind(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (fs::is_directory(status)) throw write_error(path, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(StatusCode::kIo, path + ": cannot write the file: it is a device or a pipe",
                "Give the name of a file, or - for standard output where the option takes it.");
  }
}

// Also of names that are not there yet.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code failure;
  if (fs::equivalent(a, b, failure)) return true;
  const fs::path whole = fs::weakly_canonical(a, failure);
  return !failure && whole == fs::weakly_canonical(b, failure) && !failure;
}

}  // namespace

void check_output_path(const std::string& path, const std::vector<std::string>& files) {
  const fs::path target(path);
  if (!target.has_filename()) throw write_error(path, EISDIR);
  for (const std::string& file : files) {
    if (file.empty() || !same_file(target, file)) continue;
    throw Error(StatusCode::kInvalidArgument, path + ": is a file that this command reads or writes already",
                "Give another output name; what a command reads is never overwritten, not with --force either.");
  }
  check_kind(path);
  // The nearest folder that exists must be writable; OutputFile makes those below it.
  std::error_code failure;
  fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  while (!fs::exists(folder, failure) && folder.has_parent_path() && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  if (!fs::exists(folder, failure)) folder = ".";
  if (!fs::is_directory(folder, failure)) {
    throw Error(StatusCode::kIo, path + ": cannot write the file: " + folder.string() + " is no folder",
                remedy_for(ENOTDIR));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw write_error(path, errno);
}

OutputFile::OutputFile(std::string path, std::span<const std::byte> bytes) : path_(std::move(path)) {
  const fs::path target(path_);
  if (!target.has_filename()) throw write_error(path_, EISDIR);
  check_kind(path_);
  std::error_code failure;
  if (target.has_parent_path()) {
    fs::create_directories(target.parent_path(), failure);
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
