// Reads, verifies, plans and runs whatever the bytes describe. Models that are small enough to finish at once are run,
// so that operators meet every shape that the verifier lets through; they are written and read again, too.
#include <cstdlib>
#include <cstring>

#include "burin/runtime.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "graph/shapes.hpp"

namespace {

constexpr int64_t kMaxTensorBytes = 64 * 1024;
constexpr size_t kMaxNodes = 64;

bool is_small(const burin::Model& model) {
  const auto concrete = burin::infer_concrete(model, burin::input_shapes(model, 1, 1));
  if (!concrete.is_ok() || model.main().nodes.size() > kMaxNodes) return false;
  int64_t total = 0;
  for (const burin::InferredTensor& tensor : concrete.value().tensors) {
    const int64_t bytes = burin::byte_size(tensor.type, tensor.shape);
    if (bytes < 0 || bytes > kMaxTensorBytes) return false;
    total += bytes;
  }
  return total <= kMaxTensorBytes;
}

void run(const burin::Model& model) {
  const burin::Result<burin::Program> program = burin::Program::from_model(model);
  if (!program.is_ok()) return;
  burin::Session session(program.value());
  for (size_t i = 0; i < program.value().inputs().size(); ++i) {
    const burin::MutableTensorView input = session.input(i);
    if (input.data == nullptr) return;
    std::memset(input.data, 1, static_cast<size_t>(burin::byte_size(input.type, input.shape)));
  }
  (void)session.invoke().is_ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  burin::TfliteLimits limits;
  limits.max_nodes = 1000;
  limits.max_tensors = 4000;
  const burin::Result<burin::Model> model = burin::read_tflite(bytes, nullptr, limits);
  if (!model.is_ok()) {
    if (model.status().message().empty()) std::abort();
    return 0;
  }
  if (!is_small(model.value())) return 0;
  run(model.value());
  const std::vector<uint8_t> written = burin::write_tflite(model.value());
  const burin::Result<burin::Model> again = burin::read_tflite(std::as_bytes(std::span(written)), nullptr, limits);
  if (!again.is_ok()) std::abort();
  return 0;
}
