// Instruction sets of this machine, and the one that the environment variable BURIN_ISA forces.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "burin/status.hpp"

namespace burin::runtime {

// The levels of the architecture that this is compiled for. Ordered: each level implies the ones before it, but for
// kAvxVnni, which only some processors with AVX-512 have.
enum class InstructionSet : uint8_t {
  kPortable,  // what every processor of the architecture has
#if defined(__x86_64__)
  kSse2,
  kAvx2,  // with FMA and F16C
  kAvxVnni,
  kAvx512,
  kAvx512Vnni,
#elif defined(__aarch64__)
  kNeon,         // every processor has it
  kNeonDotprod,  // sdot: Cortex-A75 and later
#elif defined(__arm__)
  kNeon,
#elif defined(__wasm_simd128__)
  kSimd128,
#endif
};

// The levels that this processor and operating system have, in order.
std::span<const InstructionSet> available_instruction_sets();

// The best of them, or the one that BURIN_ISA names. Read once.
InstructionSet instruction_set();

// An error where BURIN_ISA names none of them (then the best one is used).
Status check_forced_instruction_set();

// The name in BURIN_ISA: scalar, sse2, avx2, avxvnni, avx512, avx512vnni; neon, neon_dotprod; simd128.
std::string_view name(InstructionSet set);

}  // namespace burin::runtime
