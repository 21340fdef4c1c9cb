// Faster evaluations of BATCH_NORMALIZATION (with constant variables) and RESCALING, equal to the references.
#pragma once

#include "runtime/cpu_features.hpp"
#include "runtime/kernel.hpp"

namespace burin {

runtime::PreparedResult prepare_batch_normalization(const runtime::PrepareContext& context,
                                                    runtime::InstructionSet set);
runtime::PreparedResult prepare_rescaling(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
