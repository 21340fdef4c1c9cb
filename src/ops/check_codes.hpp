// Whether the quantization parameters of an operator's tensors are such that it can be evaluated: known before anything
// is packed or runs.
#pragma once

#include <span>

#include "ops/operator.hpp"

namespace burin {

// `output` needs no data. Operators that only move values ask for nothing.
Status check_codes(const RuntimeOperator& row, std::span<const TensorView> inputs, const TensorView& output);

}  // namespace burin
