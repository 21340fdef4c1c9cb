// What a Program consists of: a list of steps over one arena. Made by program.cpp, run by session.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "ops/operator.hpp"
#include "runtime/kernel.hpp"
#include "runtime/weight_memory.hpp"

namespace burin {
class MappedFile;
}

namespace burin::runtime {

// A tensor of a step: its data is a constant's, or lies at `offset` of the arena, or (neither) it is left out.
struct Operand {
  static constexpr size_t kNoOffset = ~size_t{0};
  TensorView view;
  size_t offset = kNoOffset;
};

struct Step {
  std::vector<uint32_t> nodes;  // that it evaluates
  bool before_activation = false;
  // A kernel, else the reference evaluation with the node's attributes, else (neither) the output is the input's
  // memory under another shape and there is nothing to do.
  std::shared_ptr<const PreparedKernel> kernel;  // steps that do the same with the same constants share it
  Status (*evaluate)(const EvaluateContext&) = nullptr;
  Attributes attributes;
  const char* kernel_name = "";
  std::string_view selection;  // what a selection (ops/selection.hpp) calls what it runs
  std::string origin;
  std::string operator_name;
  // Ranges of ProgramState::step_inputs and step_outputs.
  size_t first_input = 0, input_count = 0;
  size_t first_output = 0, output_count = 0;
};

// The file that a Program was made from, which resized() reads again. No bytes: it was made from a Model.
struct ProgramSource {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;
  const MappedFile* file = nullptr;  // keep_alive, where it is one
  std::string path;                  // of the file; empty: memory
};

struct ProgramState {
  std::unique_ptr<WeightMemory> weights;  // of the kernels of steps
  std::vector<Step> steps;
  std::vector<Operand> step_inputs;
  std::vector<Operand> step_outputs;
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;
  std::vector<TensorInfo> input_infos;
  std::vector<TensorInfo> output_infos;
  std::vector<SignatureInfo> signatures;
  std::vector<std::string> other_signatures;                // keys of those that call other graphs
  std::vector<Quantization> quantizations;                  // what the views point to
  std::vector<std::shared_ptr<const void>> kept_constants;  // what the views of constants need
  Arithmetic arithmetic = Arithmetic::kLitert;
  size_t arena_bytes = 0;
  size_t packed_bytes = 0;
  // For resized().
  ProgramOptions options;
  ProgramSource source;

  // Of the kernel that needs most, with that many threads.
  size_t scratch_bytes(int threads) const;
};

// Fills `state`. `file` holds the constants: pages of it that are not needed any more are given back while others are
// packed. Null: they are elsewhere.
Status plan_program(const Model& model, const ProgramOptions& options, const MappedFile* file, ProgramState& state);

}  // namespace burin::runtime
