// Instruction sets of this machine, and the one that BURIN_ISA forces (avx512vnni, avx512, avxvnni, avx2, sse2,
// scalar).
#pragma once

#include <cstdint>
#include <string_view>

namespace burin::runtime {

// Ordered: each level implies the ones before it, but for kAvxVnni, which only some processors with AVX-512 have.
enum class InstructionSet : uint8_t { kPortable, kSse2, kAvx2, kAvxVnni, kAvx512, kAvx512Vnni };

// The best level that the CPU and operating system have, lowered to BURIN_ISA where that is set. Read once.
InstructionSet instruction_set();
std::string_view name(InstructionSet set);

}  // namespace burin::runtime
