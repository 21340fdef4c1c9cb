// Faster evaluations of QUANTIZE and DEQUANTIZE. Null where they do not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// Floats to int8 codes in the `litert` arithmetic.
runtime::PreparedResult prepare_quantize_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);
// 8-bit codes to floats, by a table of all codes.
runtime::PreparedResult prepare_dequantize_table(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
