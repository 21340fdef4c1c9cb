// Which kernels exist for which operator, fastest first, resolved for this machine's instruction sets.
#pragma once

#include <memory>

#include "runtime/kernel.hpp"

namespace burin::runtime {

// The first applicable kernel, or a null pointer: use the reference evaluation.
Result<std::unique_ptr<PreparedKernel>> prepare_kernel(const RuntimeOperator& row, const PrepareContext& context);

}  // namespace burin::runtime
