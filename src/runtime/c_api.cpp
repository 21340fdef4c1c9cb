// burin.h over runtime.hpp.
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "burin/burin.h"
#include "burin/runtime.hpp"
#include "ops/operator.hpp"
#include "runtime/out_of_memory.hpp"

struct burin_program {
  burin::Program program;
};

struct burin_session {
  burin_session(const burin::Program& its_program, const burin::SessionOptions& options)
      : session(its_program, options), program{its_program} {}

  burin::Session session;
  burin_program program;  // the session's, as a handle
  void (*profiler)(const burin_step*, void*) = nullptr;
  void* profiler_context = nullptr;
};

namespace burin {

namespace {

static_assert(BURIN_MAX_RANK == Shape::kMaxRank);
static_assert(BURIN_MEMORY_ALIGNMENT == kSessionMemoryAlignment);
static_assert(static_cast<int>(BURIN_CANCELLED) == static_cast<int>(StatusCode::kCancelled));
static_assert(static_cast<int>(BURIN_INT4) == static_cast<int>(ElementType::kInt4));
static_assert(static_cast<int>(BURIN_ARITHMETIC_REFERENCE) == static_cast<int>(Arithmetic::kReference));

// Cut at a character's end where it does not fit.
template <size_t size>
void copy_text(std::string_view from, char (&to)[size]) {
  size_t length = from.size();
  if (length >= size) {
    length = size - 4;
    while (length > 0 && (static_cast<unsigned char>(from[length]) & 0xc0) == 0x80) --length;
  }
  if (length > 0) std::memcpy(to, from.data(), length);
  if (length < from.size()) {
    std::memcpy(to + length, "...", 3);
    length += 3;
  }
  to[length] = '\0';
}

burin_code report(StatusCode code, std::string_view message, std::string_view remedy, burin_status* status) {
  if (status != nullptr) {
    status->code = static_cast<burin_code>(code);
    copy_text(message, status->message);
    copy_text(remedy, status->remedy);
  }
  return static_cast<burin_code>(code);
}

burin_code report(const Status& from, burin_status* status) {
  return report(from.code(), from.message(), from.remedy(), status);
}

burin_code succeed(burin_status* status) { return report(StatusCode::kOk, {}, {}, status); }

burin_code refuse(std::string_view message, burin_status* status) {
  return report(StatusCode::kInvalidArgument, message, {}, status);
}

burin_code refuse_null(burin_status* status) { return refuse("a handle or pointer that must not be NULL is", status); }

template <typename Run>
burin_code guarded(burin_status* status, Run&& run) {
  return runtime::within_memory(run, [status] { return report(runtime::out_of_memory(), status); });
}

Status read_shapes(const burin_shape* shapes, size_t count, std::vector<Shape>& to) {
  if (count > 0 && shapes == nullptr) return Status(StatusCode::kInvalidArgument, "shapes are NULL");
  for (size_t i = 0; i < count; ++i) {
    if (shapes[i].rank < 0 || shapes[i].rank > BURIN_MAX_RANK) {
      return Status(StatusCode::kInvalidArgument, "shape " + std::to_string(i) + " has rank " +
                                                      std::to_string(shapes[i].rank) + "; 0 to 8 are allowed");
    }
    to.emplace_back(std::span<const int32_t>(shapes[i].dims, static_cast<size_t>(shapes[i].rank)));
  }
  return {};
}

Status read_options(const burin_program_options* from, ProgramOptions& to) {
  if (from == nullptr) return {};
  if (from->arithmetic != BURIN_ARITHMETIC_LITERT && from->arithmetic != BURIN_ARITHMETIC_REFERENCE) {
    return Status(StatusCode::kInvalidArgument, "there is no such arithmetic");
  }
  to.arithmetic = static_cast<Arithmetic>(from->arithmetic);
  return read_shapes(from->input_shapes, from->input_count, to.input_shapes);
}

burin_code give(Result<Program> program, burin_program** to, burin_status* status) {
  if (!program.is_ok()) return report(program.status(), status);
  *to = new burin_program{std::move(program.value())};
  return succeed(status);
}

burin_code describe(std::span<const TensorInfo> infos, size_t index, burin_tensor_info* to, burin_status* status) {
  if (index >= infos.size()) {
    return refuse("there is no tensor " + std::to_string(index) + "; there are " + std::to_string(infos.size()),
                  status);
  }
  const TensorInfo& from = infos[index];
  *to = {};
  to->name = from.name.c_str();
  to->type = static_cast<burin_type>(from.type);
  to->shape.rank = from.shape.rank();
  std::ranges::copy(from.shape.dims(), to->shape.dims);
  to->bytes = static_cast<size_t>(byte_size(from.type, from.shape));
  to->axis = -1;
  if (from.quantization != nullptr) {
    to->scale_count = from.quantization->scales.size();
    to->scales = from.quantization->scales.data();
    to->zero_points = from.quantization->zero_points.data();
    to->axis = from.quantization->axis;
  }
  return succeed(status);
}

const SignatureInfo* signature_at(const burin_program* program, size_t signature) {
  if (program == nullptr || signature >= program->program.signatures().size()) return nullptr;
  return &program->program.signatures()[signature];
}

const char* name_at(const std::vector<std::string>& names, size_t index) {
  return index < names.size() ? names[index].c_str() : nullptr;
}

burin_code give_index(const Result<size_t>& from, size_t* to, burin_status* status) {
  if (!from.is_ok()) return report(from.status(), status);
  *to = from.value();
  return succeed(status);
}

bool has_type(const TensorView& view, burin_type type) {
  return view.data != nullptr && static_cast<burin_type>(view.type) == type;
}

void give_count(const TensorView& view, size_t* count) {
  if (count != nullptr) *count = static_cast<size_t>(view.shape.elements());
}

burin_code check_bytes(const TensorView& view, size_t index, size_t bytes, burin_status* status) {
  if (view.data == nullptr) return refuse("there is no tensor " + std::to_string(index), status);
  const int64_t wanted = byte_size(view.type, view.shape);
  if (static_cast<int64_t>(bytes) == wanted) return succeed(status);
  return refuse("tensor " + std::to_string(index) + " (" + to_string(view.shape) + ") has " + std::to_string(wanted) +
                    " bytes, not " + std::to_string(bytes),
                status);
}

// Tells the callback of a session.
class Profiler final : public StepObserver {
 public:
  explicit Profiler(const burin_session& session) : session_(session) {}
  void on_step(const StepEvent& event) override {
    // Both are whole strings of the Program: they end with a zero.
    const burin_step step{event.layer.data(), event.operator_name.data(), event.kernel, event.nanoseconds};
    session_.profiler(&step, session_.profiler_context);
  }

 private:
  const burin_session& session_;
};

}  // namespace

}  // namespace burin

using namespace burin;

const char* burin_version(void) { return version(); }

burin_code burin_program_from_file(const char* path, const burin_program_options* options, burin_program** program,
                                   burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (program != nullptr) *program = nullptr;
    if (path == nullptr || program == nullptr) return refuse_null(status);
    ProgramOptions read;
    if (const Status wrong = read_options(options, read); !wrong.is_ok()) return report(wrong, status);
    return give(Program::from_file(path, read), program, status);
  });
}

burin_code burin_program_from_memory(const void* data, size_t size, void (*release)(void* context), void* context,
                                     const burin_program_options* options, burin_program** program,
                                     burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    std::shared_ptr<const void> keep_alive;
    if (release != nullptr) {
      // The deleter gets the address of the bytes, and must be called even where they are NULL.
      keep_alive = std::shared_ptr<const void>(data, [release, context](const void*) { release(context); });
    }
    if (program != nullptr) *program = nullptr;
    if (data == nullptr || program == nullptr) return refuse_null(status);
    ProgramOptions read;
    if (const Status wrong = read_options(options, read); !wrong.is_ok()) return report(wrong, status);
    return give(Program::from_memory({static_cast<const std::byte*>(data), size}, read, std::move(keep_alive)), program,
                status);
  });
}

burin_code burin_program_resized(const burin_program* program, const burin_shape* shapes, size_t count,
                                 burin_program** resized, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (resized != nullptr) *resized = nullptr;
    if (program == nullptr || resized == nullptr) return refuse_null(status);
    std::vector<Shape> read;
    if (const Status wrong = read_shapes(shapes, count, read); !wrong.is_ok()) return report(wrong, status);
    return give(program->program.resized(read), resized, status);
  });
}

void burin_program_free(burin_program* program) { delete program; }

size_t burin_program_input_count(const burin_program* program) {
  return program == nullptr ? 0 : program->program.inputs().size();
}

size_t burin_program_output_count(const burin_program* program) {
  return program == nullptr ? 0 : program->program.outputs().size();
}

burin_code burin_program_input(const burin_program* program, size_t index, burin_tensor_info* info,
                               burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (program == nullptr || info == nullptr) return refuse_null(status);
    return describe(program->program.inputs(), index, info, status);
  });
}

burin_code burin_program_output(const burin_program* program, size_t index, burin_tensor_info* info,
                                burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (program == nullptr || info == nullptr) return refuse_null(status);
    return describe(program->program.outputs(), index, info, status);
  });
}

size_t burin_program_signature_count(const burin_program* program) {
  return program == nullptr ? 0 : program->program.signatures().size();
}

const char* burin_program_signature_key(const burin_program* program, size_t signature) {
  const SignatureInfo* info = signature_at(program, signature);
  return info == nullptr ? nullptr : info->key.c_str();
}

const char* burin_program_input_name(const burin_program* program, size_t signature, size_t index) {
  const SignatureInfo* info = signature_at(program, signature);
  return info == nullptr ? nullptr : name_at(info->inputs, index);
}

const char* burin_program_output_name(const burin_program* program, size_t signature, size_t index) {
  const SignatureInfo* info = signature_at(program, signature);
  return info == nullptr ? nullptr : name_at(info->outputs, index);
}

burin_code burin_program_find_input(const burin_program* program, const char* signature_key, const char* name,
                                    size_t* index, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (program == nullptr || name == nullptr || index == nullptr) return refuse_null(status);
    return give_index(program->program.input_index(name, signature_key == nullptr ? "" : signature_key), index, status);
  });
}

burin_code burin_program_find_output(const burin_program* program, const char* signature_key, const char* name,
                                     size_t* index, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (program == nullptr || name == nullptr || index == nullptr) return refuse_null(status);
    return give_index(program->program.output_index(name, signature_key == nullptr ? "" : signature_key), index,
                      status);
  });
}

size_t burin_program_session_bytes(const burin_program* program, int32_t threads) {
  return program == nullptr ? 0 : program->program.session_bytes(threads);
}

burin_code burin_session_new(const burin_program* program, const burin_session_options* options,
                             burin_session** session, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session != nullptr) *session = nullptr;
    if (program == nullptr || session == nullptr) return refuse_null(status);
    SessionOptions read;
    if (options != nullptr) {
      if (options->threads < 0) return refuse("a negative number of threads", status);
      if (options->memory == nullptr && options->memory_bytes > 0) return refuse_null(status);
      read.threads = std::max(options->threads, 1);
      read.memory = {static_cast<std::byte*>(options->memory), options->memory_bytes};
      if (options->memory != nullptr && options->memory_bytes == 0) return refuse("memory of no bytes", status);
    }
    auto made = std::make_unique<burin_session>(program->program, read);
    if (!made->session.status().is_ok()) return report(made->session.status(), status);
    *session = made.release();
    return succeed(status);
  });
}

void burin_session_free(burin_session* session) { delete session; }

const burin_program* burin_session_program(const burin_session* session) {
  return session == nullptr ? nullptr : &session->program;
}

void* burin_session_input(burin_session* session, size_t index, burin_type type, size_t* count) {
  if (count != nullptr) *count = 0;
  if (session == nullptr) return nullptr;
  const MutableTensorView view = session->session.input(index);
  if (!has_type(view, type)) return nullptr;
  give_count(view, count);
  return view.data;
}

const void* burin_session_output(const burin_session* session, size_t index, burin_type type, size_t* count) {
  if (count != nullptr) *count = 0;
  if (session == nullptr) return nullptr;
  const TensorView view = session->session.output(index);
  if (!has_type(view, type)) return nullptr;
  give_count(view, count);
  return view.data;
}

burin_code burin_session_write_input(burin_session* session, size_t index, const void* data, size_t bytes,
                                     burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session == nullptr || data == nullptr) return refuse_null(status);
    const MutableTensorView view = session->session.input(index);
    const burin_code code = check_bytes(view, index, bytes, status);
    if (code == BURIN_OK) std::memcpy(view.data, data, bytes);
    return code;
  });
}

burin_code burin_session_read_output(const burin_session* session, size_t index, void* data, size_t bytes,
                                     burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session == nullptr || data == nullptr) return refuse_null(status);
    const TensorView view = session->session.output(index);
    const burin_code code = check_bytes(view, index, bytes, status);
    if (code == BURIN_OK) std::memcpy(data, view.data, bytes);
    return code;
  });
}

burin_code burin_session_invoke(burin_session* session, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session == nullptr) return refuse_null(status);
    Profiler profiler(*session);
    return report(session->session.invoke(session->profiler != nullptr ? &profiler : nullptr), status);
  });
}

void burin_session_cancel(burin_session* session) {
  if (session != nullptr) session->session.cancel();
}

void burin_session_clear_cancel(burin_session* session) {
  if (session != nullptr) session->session.clear_cancel();
}

burin_code burin_session_resize(burin_session* session, const burin_shape* shapes, size_t count, void* memory,
                                size_t memory_bytes, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session == nullptr || (memory == nullptr && memory_bytes > 0)) return refuse_null(status);
    std::vector<Shape> read;
    if (const Status wrong = read_shapes(shapes, count, read); !wrong.is_ok()) return report(wrong, status);
    if (memory != nullptr && memory_bytes == 0) return refuse("memory of no bytes", status);
    const Status resized = session->session.resize(read, {static_cast<std::byte*>(memory), memory_bytes});
    if (resized.is_ok()) session->program.program = session->session.program();
    return report(resized, status);
  });
}

burin_code burin_session_set_profiler(burin_session* session, void (*callback)(const burin_step* step, void* context),
                                      void* context, burin_status* status) {
  return guarded(status, [&]() -> burin_code {
    if (session == nullptr) return refuse_null(status);
    session->profiler = callback;
    session->profiler_context = context;
    return succeed(status);
  });
}
