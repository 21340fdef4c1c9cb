#pragma once

#include "ops/fused_activation.hpp"

namespace burin {

// ADD, SUB, MUL, DIV: operands broadcast as in NumPy.
struct ArithmeticAttributes {
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const ArithmeticAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("activation", activation);
  }
};

}  // namespace burin
