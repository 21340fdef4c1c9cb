// What a node carries besides tensors: one plain, comparable struct per operator that needs one.
// Each lists its fields once, in fields(f): printing, JSON and the digest are derived from it.
#pragma once

#include <variant>

#include "ops/activation/attributes.hpp"
#include "ops/conv/attributes.hpp"
#include "ops/elementwise/attributes.hpp"
#include "ops/matmul/attributes.hpp"
#include "ops/normalization/attributes.hpp"
#include "ops/pool/attributes.hpp"
#include "ops/reduce/attributes.hpp"
#include "ops/reshape/attributes.hpp"
#include "ops/resize/attributes.hpp"
#include "ops/softmax/attributes.hpp"

namespace burin {

struct NoAttributes {
  bool operator==(const NoAttributes&) const = default;
  template <typename F>
  void fields(F&&) const {}
};

using Attributes =
    std::variant<NoAttributes, Conv2dAttributes, DepthwiseConv2dAttributes, FullyConnectedAttributes, Pool2dAttributes,
                 ArithmeticAttributes, LeakyReluAttributes, GeluAttributes, SoftmaxAttributes, ReduceAttributes,
                 ReshapeAttributes, SqueezeAttributes, ConcatenationAttributes, PackAttributes, StridedSliceAttributes,
                 ShapeAttributes, ResizeAttributes, BatchNormalizationAttributes, RescalingAttributes,
                 IdentityAttributes>;

// The fused activation of an operator that has one, else null.
const FusedActivation* fused_activation(const Attributes& attributes);
FusedActivation* fused_activation(Attributes& attributes);

}  // namespace burin
