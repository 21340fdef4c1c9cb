// Faster evaluations of MEAN, SUM and REDUCE_MAX over dimensions that follow each other and are not the last
// (height and width). Null where they do not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// Floats; the bits of the reference, since sums are taken in the same order.
template <Op op>
runtime::PreparedResult prepare_reduce_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
// MEAN and SUM of int8 codes in the `litert` arithmetic.
template <Op op>
runtime::PreparedResult prepare_reduce_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
