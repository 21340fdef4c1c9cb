#include "convert/result_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "burin/error.hpp"

namespace burin {
namespace {

bool looks_like_tflite(const std::filesystem::path& path) {
  char head[8] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(head, sizeof head);
  return file.gcount() == 0 || (file.gcount() == sizeof head && std::memcmp(head + 4, "TFL3", 4) == 0);
}

}  // namespace

void check_result_path(const std::string& model, const std::string& output, bool force) {
  const std::filesystem::path path(output);
  if (path.extension() != ".tflite") {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{}: only .tflite files are written", output),
                "give an output name that ends with .tflite");
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{} is a folder", output),
                "give the name of a file to write");
  }
  if (std::filesystem::equivalent(model, path, error)) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{} is the model that is read", output),
                "give another output name; the input model is never overwritten, not with --force either");
  }
  if (std::filesystem::exists(path, error) && !force && !looks_like_tflite(path)) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{} exists and is no .tflite model", output),
                "give another name, or --force to replace it");
  }
  // The nearest folder that exists must be writable; OutputFile makes those below it.
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  while (!std::filesystem::exists(folder, error) && folder.has_parent_path() && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  if (folder.empty()) folder = ".";
  if (!std::filesystem::is_directory(folder, error)) {
    if (!std::filesystem::exists(folder, error)) return;
    throw Error(StatusCode::kIo, fmt::format("{}: {} is no folder", output, folder.string()),
                "choose another output folder");
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(StatusCode::kIo,
                fmt::format("{}: cannot write in {}: {}", output, folder.string(), std::strerror(errno)),
                "choose another output folder or change its permissions");
  }
}

}  // namespace burin
