// Reads, verifies and plans whatever the bytes describe, up to where memory would be taken for weights and tensors:
// what stands between a hostile file and the first kernel. fuzz_tflite runs models too, and is far slower.
#include <cstdlib>
#include <numeric>

#include "burin/runtime.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "graph/shapes.hpp"
#include "runtime/plan_steps.hpp"

namespace {

using burin::runtime::BufferLifetime;
using burin::runtime::MemoryPlan;

bool overlap(size_t a, size_t a_size, size_t b, size_t b_size) { return a < b + b_size && b < a + a_size; }

// Buffers that live at the same time lie apart, and all of them in the arena.
void check_memory(const std::vector<BufferLifetime>& buffers, const MemoryPlan& plan) {
  for (size_t i = 0; i < buffers.size(); ++i) {
    const BufferLifetime& a = buffers[i];
    if (plan.offsets[i] + a.bytes > plan.arena_bytes) std::abort();
    for (size_t j = 0; j < i; ++j) {
      const BufferLifetime& b = buffers[j];
      if (a.first > b.last || b.first > a.last) continue;
      if (overlap(plan.offsets[i], a.bytes, plan.offsets[j], b.bytes)) std::abort();
    }
  }
}

void plan(const burin::Model& model, const burin::ConcreteGraph& concrete, const burin::ProgramOptions& options) {
  const std::vector<bool> separate(model.main().nodes.size());
  const burin::runtime::StepPlan steps = burin::runtime::plan_steps(model, concrete, options, separate);
  check_memory(steps.buffers, burin::runtime::plan_memory(steps.buffers));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  burin::TfliteLimits limits;
  limits.max_nodes = 1000;
  limits.max_tensors = 4000;
  const burin::Result<burin::Model> read = burin::read_tflite(std::as_bytes(std::span(data, size)), nullptr, limits);
  if (!read.is_ok()) {
    if (read.status().message().empty()) std::abort();
    // Few of what makes no model stay in the corpus: most mutations of them are refused at the same place.
    return size % 16 == 0 && data[size / 2] % 4 == 0 ? 0 : -1;
  }
  const burin::Model& model = read.value();
  // The sizes of the file, and others where it leaves them free.
  for (const int32_t free_size : {1, 37}) {
    const auto shapes = burin::input_shapes(model, free_size, free_size);
    if (free_size != 1 && shapes == burin::input_shapes(model, 1, 1)) break;
    const burin::Result<burin::ConcreteGraph> concrete = burin::infer_concrete(model, shapes);
    if (!concrete.is_ok()) {
      if (concrete.status().message().empty()) std::abort();
      continue;
    }
    plan(model, concrete.value(), {});
    plan(model, concrete.value(), {.separate_steps = true});
  }
  return 0;
}
