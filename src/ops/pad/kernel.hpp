// A faster evaluation of PAD and PADV2 of any type of whole bytes, with constant paddings and fill. Null where it does
// not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

template <Op op>
runtime::PreparedResult prepare_pad(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
