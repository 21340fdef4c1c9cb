// The memory that loading and running a model takes: the high-water mark of a child process that does so once, less
// that of the same child without a model. The child is this program again, with a hidden command.
#pragma once

#include <cstdint>
#include <string>

#include "burin/runtime.hpp"

namespace burin {

inline constexpr const char* kMemoryProbeCommand = "memory-probe";

// `program`: the burin program. Throws Error.
uint64_t peak_memory_bytes(const std::string& program, const std::string& model, int threads, Arithmetic arithmetic);

// What the child does: loads `model` (nothing when empty), runs it once on seeded input, returns its high-water mark.
uint64_t memory_probe(const std::string& model, int threads, Arithmetic arithmetic);

}  // namespace burin
