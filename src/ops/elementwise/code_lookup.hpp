// y[i] = table[x[i]] for bytes; y may be x.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin {

// Byte i is code i, or as int8 its two's complement: the index is the byte either way.
using CodeTable = std::array<uint8_t, 256>;
using CodeLookup = void (*)(const uint8_t* x, uint8_t* y, int64_t count, const CodeTable& table);

// The best variant for this level.
CodeLookup code_lookup(runtime::InstructionSet set);

void look_up_codes_portable(const uint8_t* x, uint8_t* y, int64_t count, const CodeTable& table);
#if defined(__x86_64__)
void look_up_codes_avx512vnni(const uint8_t* x, uint8_t* y, int64_t count, const CodeTable& table);
#endif

}  // namespace burin
