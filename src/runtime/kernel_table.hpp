// Which kernels exist for which operator, fastest first, resolved for this machine's instruction sets.
#pragma once

#include <memory>

#include "runtime/kernel.hpp"

namespace burin::runtime {

struct ResolvedKernel {
  std::unique_ptr<PreparedKernel> kernel;  // null: use the reference evaluation
  const char* row = "";                    // its name in the table: what a selection calls it
};

// The first applicable kernel.
Result<ResolvedKernel> prepare_kernel(const RuntimeOperator& row, const PrepareContext& context);

}  // namespace burin::runtime
