// What loading and running a model costs, for test_runtime_memory.py: `runtime_memory [MODEL]` prints the high-water
// mark of this process in bytes, then those of the packed weights and of the arena. Links the runtime library only.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "burin/runtime.hpp"

namespace {

// Reads without stdio, whose buffers would count.
unsigned long long high_water_mark() {
  static char text[4096];
  const int file = open("/proc/self/status", O_RDONLY);
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  const char* line = std::strstr(text, "VmHWM:");
  return line == nullptr ? 0 : std::strtoull(line + 6, nullptr, 10) * 1024;
}

int fail(const burin::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  size_t packed = 0, arena = 0;
  if (argc > 1) {
    const burin::Result<burin::Program> program = burin::Program::from_file(argv[1]);
    if (!program.is_ok()) return fail(program.status());
    burin::Session session(program.value());
    for (size_t i = 0; i < program.value().inputs().size(); ++i) {
      const burin::MutableTensorView input = session.input(i);
      std::memset(input.data, 0, static_cast<size_t>(burin::byte_size(input.type, input.shape)));
    }
    if (const burin::Status status = session.invoke(); !status.is_ok()) return fail(status);
    packed = program.value().packed_bytes();
    arena = program.value().arena_bytes();
  }
  std::printf("%llu %zu %zu\n", high_water_mark(), packed, arena);
  return 0;
}
