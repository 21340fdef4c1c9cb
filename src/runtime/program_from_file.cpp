#include <algorithm>
#include <cstring>
#include <new>

#include "burin/runtime.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "runtime/program_state.hpp"

namespace burin {

namespace {

using State = std::shared_ptr<runtime::ProgramState>;

Result<State> make(runtime::ProgramSource source, const ProgramOptions& options) {
  const Result<Model> model = read_tflite(source.bytes, source.keep_alive);
  if (!model.is_ok()) return source.path.empty() ? model.status() : model.status().at(source.path);
  Result<State> state = runtime::make_program_state(model.value(), options, source.file);
  if (!state.is_ok()) return source.path.empty() ? state.status() : state.status().at(source.path);
  if (source.file != nullptr) source.file->drop_pages();
  state.value()->source = std::move(source);
  return state;
}

}  // namespace

Result<Program> Program::from_file(const std::string& path, const ProgramOptions& options) {
  Result<std::shared_ptr<const MappedFile>> file = MappedFile::open(path);
  if (!file.is_ok()) return file.status();
  Result<State> state = make({file.value()->bytes(), file.value(), file.value().get(), path}, options);
  return state.is_ok() ? Program(std::move(state.value())) : Result<Program>(state.status());
}

Result<Program> Program::from_memory(std::span<const std::byte> bytes, const ProgramOptions& options,
                                     std::shared_ptr<const void> keep_alive) {
  if (keep_alive == nullptr) {
    const std::shared_ptr<std::byte[]> copy(new (std::nothrow) std::byte[std::max<size_t>(bytes.size(), 1)]);
    if (copy == nullptr) {
      return Status(StatusCode::kResourceLimit,
                    "no memory for a copy of " + std::to_string(bytes.size()) + " bytes of a model",
                    "Give keep_alive, so that the bytes are not copied.");
    }
    std::ranges::copy(bytes, copy.get());
    return from_memory({copy.get(), bytes.size()}, options, copy);
  }
  Result<State> state = make({.bytes = bytes, .keep_alive = std::move(keep_alive)}, options);
  return state.is_ok() ? Program(std::move(state.value())) : Result<Program>(state.status());
}

Result<Program> Program::resized(std::span<const Shape> input_shapes) const {
  if (state_->source.bytes.empty()) {
    return Status(StatusCode::kUnsupported, "a Program that was made from a Model in memory cannot be resized",
                  "Make another one from the Model.");
  }
  if (input_shapes.size() != inputs().size()) {
    return Status(StatusCode::kInvalidArgument, "the model has " + std::to_string(inputs().size()) +
                                                    " inputs, given are the shapes of " +
                                                    std::to_string(input_shapes.size()));
  }
  ProgramOptions options = state_->options;
  options.input_shapes.assign(input_shapes.begin(), input_shapes.end());
  Result<State> state = make(state_->source, options);
  return state.is_ok() ? Program(std::move(state.value())) : Result<Program>(state.status());
}

}  // namespace burin
