#include <algorithm>

#include "burin/runtime.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/tflite/read_tflite.hpp"

namespace burin {

Result<Program> Program::from_file(const std::string& path, const ProgramOptions& options) {
  Result<std::shared_ptr<const MappedFile>> file = MappedFile::open(path);
  if (!file.is_ok()) return file.status();
  Result<Program> program = from_memory(file.value()->bytes(), options, file.value());
  return program.is_ok() ? std::move(program) : Result<Program>(program.status().at(path));
}

Result<Program> Program::from_memory(std::span<const std::byte> bytes, const ProgramOptions& options,
                                     std::shared_ptr<const void> keep_alive) {
  if (keep_alive == nullptr) {
    const auto copy = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    return from_memory(*copy, options, copy);
  }
  const Result<Model> model = read_tflite(bytes, std::move(keep_alive));
  return model.is_ok() ? from_model(model.value(), options) : Result<Program>(model.status());
}

}  // namespace burin
