// Classifies one input: classify MODEL.tflite INPUT, the raw bytes of the input tensor. Prints the best class.
#include <algorithm>
#include <burin/runtime.hpp>
#include <cstdio>
#include <fstream>

static int fail(const burin::Status& status) {
  std::fprintf(stderr, "%s\n%s\n", status.message().c_str(), status.remedy().c_str());
  return 2;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: classify MODEL.tflite INPUT\n"), 2;
  const burin::Result<burin::Program> program = burin::Program::from_file(argv[1]);
  if (!program.is_ok()) return fail(program.status());
  burin::Session session(program.value(), {.threads = 2});

  const std::span<float> input = session.input<float>(0);
  std::ifstream file(argv[2], std::ios::binary);
  if (input.empty() ||
      !file.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(input.size_bytes()))) {
    return std::fprintf(stderr, "%s does not hold %zu floats\n", argv[2], input.size()), 2;
  }
  if (const burin::Status status = session.invoke(); !status.is_ok()) return fail(status);

  const std::span<const float> scores = session.output<float>(0);
  const auto best = std::ranges::max_element(scores);
  if (!scores.empty()) std::printf("class %td, score %.4f\n", best - scores.begin(), static_cast<double>(*best));
  return 0;
}
