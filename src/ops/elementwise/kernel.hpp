// Faster evaluations of ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM where the operands broadcast simply. Null where they do
// not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// Floats.
template <Op op>
runtime::PreparedResult prepare_binary_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
// int8 codes in the `litert` arithmetic.
template <Op op>
runtime::PreparedResult prepare_binary_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
