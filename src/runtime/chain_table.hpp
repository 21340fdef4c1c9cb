// Which chains of steps one kernel evaluates; the counterpart of kernel_table.hpp for several nodes.
#pragma once

#include "runtime/kernel.hpp"

namespace burin::runtime {

// No chain is longer.
inline constexpr size_t kMaxChainLinks = 8;

// Whether a chain may begin with this operator at all.
bool begins_chain(Op op);

struct ChainMatch {
  size_t links = 0;  // 0: none
  PrepareChainFunction prepare = nullptr;
  const char* row = "";  // its name in the table
};
// The first row of the table that takes at least two links.
ChainMatch match_chain(std::span<const ChainLink> chain);

}  // namespace burin::runtime
