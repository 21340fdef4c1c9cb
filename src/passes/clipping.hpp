// Activations that clip, as nodes of their own and fused into others.
#pragma once

#include "ops/fused_activation.hpp"
#include "ops/op.hpp"

namespace burin {

// The fused form of RELU, RELU6 and RELU_N1_TO_1; kNone: `op` is another operator.
constexpr FusedActivation fused_form(Op op) {
  switch (op) {
    case Op::kRelu:
      return FusedActivation::kRelu;
    case Op::kRelu6:
      return FusedActivation::kRelu6;
    case Op::kReluN1To1:
      return FusedActivation::kReluN1To1;
    default:
      return FusedActivation::kNone;
  }
}

}  // namespace burin
