// Faster evaluations of CONV_2D and DEPTHWISE_CONV_2D with constant weights, for any instruction set that the machine
// has. Null where they do not apply; see runtime/kernel.hpp.
#pragma once

#include "runtime/cpu_features.hpp"
#include "runtime/kernel.hpp"

namespace burin {

// Float input, weights and bias.
runtime::PreparedResult prepare_conv2d_f32(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_depthwise_conv2d_f32(const runtime::PrepareContext& context,
                                                     runtime::InstructionSet set);

// int8 input and weights, int32 bias, either arithmetic.
runtime::PreparedResult prepare_conv2d_int8(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_depthwise_conv2d_int8(const runtime::PrepareContext& context,
                                                      runtime::InstructionSet set);

// Float input and bias, int8 weights.
runtime::PreparedResult prepare_conv2d_hybrid(const runtime::PrepareContext& context, runtime::InstructionSet set);
runtime::PreparedResult prepare_depthwise_conv2d_hybrid(const runtime::PrepareContext& context,
                                                        runtime::InstructionSet set);

}  // namespace burin
