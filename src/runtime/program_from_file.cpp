#include <algorithm>

#include "burin/runtime.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "runtime/out_of_memory.hpp"
#include "runtime/program_state.hpp"

namespace burin {

namespace {

using State = std::shared_ptr<runtime::ProgramState>;

Status load(const runtime::ProgramSource& source, const ProgramOptions& options, runtime::ProgramState& state) {
  const Result<Model> model = read_tflite(source.bytes, source.keep_alive);
  if (!model.is_ok()) return model.status();
  // Reading touched most pages; packing takes those of one constant at a time.
  if (source.file != nullptr) source.file->drop_pages();
  return runtime::plan_program(model.value(), options, source.file, state);
}

Result<State> make(const runtime::ProgramSource& source, const ProgramOptions& options) {
  const auto state = std::make_shared<runtime::ProgramState>();
  state->source = source;
  const Status status = load(source, options, *state);
  if (source.file != nullptr) source.file->drop_pages();
  if (!status.is_ok()) return source.path.empty() ? status : status.at(source.path);
  return state;
}

}  // namespace

Result<Program> Program::from_file(const std::string& path, const ProgramOptions& options) {
  return runtime::within_memory([&]() -> Result<Program> {
    Result<std::shared_ptr<const MappedFile>> file = MappedFile::open(path);
    if (!file.is_ok()) return file.status();
    Result<State> state = make({file.value()->bytes(), file.value(), file.value().get(), path}, options);
    return state.is_ok() ? Program(std::move(state.value())) : Result<Program>(state.status());
  });
}

Result<Program> Program::from_memory(std::span<const std::byte> bytes, const ProgramOptions& options,
                                     std::shared_ptr<const void> keep_alive) {
  return runtime::within_memory([&]() -> Result<Program> {
    if (keep_alive == nullptr) {
      const std::shared_ptr<std::byte[]> copy(new std::byte[std::max<size_t>(bytes.size(), 1)]);
      std::ranges::copy(bytes, copy.get());
      bytes = {copy.get(), bytes.size()};
      keep_alive = copy;
    }
    Result<State> state = make({.bytes = bytes, .keep_alive = std::move(keep_alive)}, options);
    return state.is_ok() ? Program(std::move(state.value())) : Result<Program>(state.status());
  });
}

Result<Program> Program::resized(std::span<const Shape> input_shapes) const {
  return runtime::within_memory([&]() -> Result<Program> {
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
  });
}

}  // namespace burin
