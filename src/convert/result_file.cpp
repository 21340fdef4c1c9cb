#include "convert/result_file.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "burin/error.hpp"
#include "formats/file/output_file.hpp"

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
  check_output_path(output, {model});
  std::error_code error;
  if (std::filesystem::exists(path, error) && !force && !looks_like_tflite(path)) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{} exists and is no .tflite model", output),
                "give another name, or --force to replace it");
  }
}

}  // namespace burin
