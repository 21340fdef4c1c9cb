#pragma once

#include "ops/fused_activation.hpp"

namespace burin {

// FULLY_CONNECTED: input [..., K] (flattened to rows of K unless keep_num_dims), weights [N, K], bias [N].
struct FullyConnectedAttributes {
  bool keep_num_dims = false;
  bool asymmetric_quantize_inputs = false;  // hybrid: float input, int8 weights
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const FullyConnectedAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("keep_num_dims", keep_num_dims), f("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
    f("activation", activation);
  }
};

}  // namespace burin
