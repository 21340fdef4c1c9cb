// Faster evaluations of AVERAGE_POOL_2D and MAX_POOL_2D, floats and int8 codes, bit for bit the reference.
// Null where they do not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

runtime::PreparedResult prepare_average_pool_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_average_pool_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_max_pool_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_max_pool_s8(const runtime::PrepareContext& context, runtime::InstructionSet set);

}  // namespace burin
