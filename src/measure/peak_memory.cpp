#include "measure/peak_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <vector>

#include "burin/error.hpp"
#include "data/random_source.hpp"
#include "formats/read_model.hpp"
#include "measure/sample_session.hpp"
#include "ops/operator.hpp"

extern char** environ;

namespace burin {
namespace {

uint64_t high_water_mark() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  throw Error(StatusCode::kIo, "/proc/self/status does not say how much memory was used", "mount /proc");
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(StatusCode::kIo, fmt::format("measuring memory in a child process: {}", what),
              "check that the program can start processes");
}

std::string output_of(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  if (error == 0) {
    char buffer[256];
    for (;;) {
      const ssize_t count = read(ends[0], buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      text.append(buffer, static_cast<size_t>(count));
    }
  }
  close(ends[0]);
  if (error != 0) fail(std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("it failed");
  return text;
}

uint64_t probe(const std::string& program, const std::string& model, int threads, Arithmetic arithmetic) {
  std::vector<std::string> command{program,        kMemoryProbeCommand,
                                   "--threads",    std::to_string(threads),
                                   "--arithmetic", arithmetic == Arithmetic::kReference ? "reference" : "litert"};
  if (!model.empty()) command.insert(command.end(), {"--", model});
  const std::string text = output_of(command);
  uint64_t bytes = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), bytes).ec != std::errc()) fail("it said nothing");
  return bytes;
}

}  // namespace

uint64_t peak_memory_bytes(const std::string& program, const std::string& model, int threads, Arithmetic arithmetic) {
  const uint64_t without = probe(program, "", threads, arithmetic);
  const uint64_t with = probe(program, model, threads, arithmetic);
  return with > without ? with - without : 0;
}

uint64_t memory_probe(const std::string& model, int threads, Arithmetic arithmetic) {
  if (!model.empty()) {
    const Program program = [&] {
      const SourceModel source = read_model(model);
      return make_program(source.model, arithmetic);
    }();
    SampleSession session(program, threads);
    session.load(RandomSource(1, {}, 0), 0);
    session.invoke();
  }
  return high_water_mark();
}

}  // namespace burin
