// Chains of steps around a convolution that one kernel evaluates, with results that equal those of the separate steps
// bit for bit; listed in runtime/chain_table.cpp.
#pragma once

#include "runtime/kernel.hpp"

namespace burin {

// An activation may follow each convolution and ADD. Of floats it is HARD_SWISH, TANH, LOGISTIC or x * LOGISTIC(x).

// Float:  [PAD ->] [CONV_2D ->] [PAD ->] DEPTHWISE_CONV_2D [-> CONV_2D 1x1 [-> ADD]]
// The first convolution has one group and is 1x1 or has short kernel rows.
size_t match_f32_row_tiles(std::span<const runtime::ChainLink> chain);
runtime::PreparedResult prepare_f32_row_tiles(std::span<const runtime::ChainLink> chain, runtime::InstructionSet set);

// Float:  [PAD ->] CONV_2D [-> ADD]
size_t match_f32_convolution(std::span<const runtime::ChainLink> chain);
runtime::PreparedResult prepare_f32_convolution(std::span<const runtime::ChainLink> chain, runtime::InstructionSet set);

// int8:  [PAD ->] CONV_2D or DEPTHWISE_CONV_2D
// An activation is any operator of one operand whose codes are int8, or x times such an operator's output: in all a
// table of codes.
size_t match_int8_convolution(std::span<const runtime::ChainLink> chain);
runtime::PreparedResult prepare_int8_convolution(std::span<const runtime::ChainLink> chain,
                                                 runtime::InstructionSet set);

}  // namespace burin
