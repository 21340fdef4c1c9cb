// A faster evaluation of SOFTMAX. Null where it does not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// Floats; the bits of the reference, since sums are taken in the same order.
runtime::PreparedResult prepare_softmax_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_softmax_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
