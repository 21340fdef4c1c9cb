// Faster evaluations of operators of one operand. Null where they do not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// RELU, RELU6, RELU_N1_TO_1, LEAKY_RELU, HARD_SWISH, LOGISTIC, TANH of floats.
template <Op op>
runtime::PreparedResult prepare_activation_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
// Any operator that maps 8-bit codes to 8-bit codes: the reference evaluation of all 256 codes is a table.
template <Op op>
runtime::PreparedResult prepare_code_table(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
