// Loads a model, fills its inputs with seeded values and invokes it; prints the kernels and a checksum of the outputs.
//
//   run_model <model.tflite> [invocations]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "burin/runtime.hpp"

namespace {

// Floats in [-1, 1), any other type random bytes.
std::vector<unsigned char> values_of(const burin::MutableTensorView& tensor, uint64_t& state) {
  const int64_t bytes = burin::byte_size(tensor.type, tensor.shape);
  std::vector<unsigned char> data(static_cast<size_t>(bytes));
  const auto next = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state >> 33);
  };
  if (tensor.type == burin::ElementType::kFloat32) {
    for (int64_t i = 0; i < bytes / 4; ++i) {
      const float value = static_cast<float>(next()) * (2.0f / 2147483648.0f) - 1.0f;
      std::memcpy(data.data() + 4 * i, &value, sizeof(value));
    }
  } else {
    for (unsigned char& value : data) value = static_cast<unsigned char>(next());
  }
  return data;
}

struct PrintKernels final : burin::StepObserver {
  void on_step(const burin::StepEvent& event) override { std::printf("step %u: %s\n", event.node, event.kernel); }
};

int fail(const burin::Status& status) {
  std::fprintf(stderr, "%s\n%s\n", status.message().c_str(), status.remedy().c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: run_model <model.tflite> [invocations]\n");
    return 2;
  }
  const burin::Result<burin::Program> program = burin::Program::from_file(arguments[1]);
  if (!program.is_ok()) return fail(program.status());
  const int invocations = count > 2 ? std::atoi(arguments[2]) : 1;
  burin::Session session(program.value());
  PrintKernels print_kernels;
  std::vector<std::vector<unsigned char>> inputs;
  uint64_t state = 1;
  for (size_t i = 0; i < program.value().inputs().size(); ++i) inputs.push_back(values_of(session.input(i), state));
  for (int i = 0; i < invocations; ++i) {
    for (size_t input = 0; input < inputs.size(); ++input) {
      std::memcpy(session.input(input).data, inputs[input].data(), inputs[input].size());
    }
    const burin::Status status = session.invoke(std::getenv("RUN_MODEL_KERNELS") != nullptr ? &print_kernels : nullptr);
    if (!status.is_ok()) return fail(status);
  }
  for (size_t i = 0; i < program.value().outputs().size(); ++i) {
    const burin::TensorView output = session.output(i);
    uint64_t hash = 14695981039346656037u;
    const auto* bytes = static_cast<const unsigned char*>(static_cast<const void*>(output.data));
    for (int64_t b = 0; b < burin::byte_size(output.type, output.shape); ++b) hash = (hash ^ bytes[b]) * 1099511628211u;
    std::printf("output %zu: %016llx\n", i, static_cast<unsigned long long>(hash));
  }
  return 0;
}
