// How a hybrid convolution (float activations, int8 or int4 weights) codes its input; see RowCoding.
#pragma once

#include "ops/conv/attributes.hpp"
#include "ops/operator.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

inline HybridCoding hybrid_coding(const Conv2dAttributes& attributes, const TensorView& input, const TensorView& kernel,
                                  Arithmetic arithmetic) {
  const bool ungrouped = kernel.shape[3] == input.shape[3];
  if (arithmetic == Arithmetic::kLitert) {
    const bool single = kernel.shape[1] == 1 && kernel.shape[2] == 1;
    return {single && ungrouped && attributes.stride_h == 1 && attributes.stride_w == 1, RowCoding::kAsymmetric};
  }
  const bool one_scale = kernel.quantization != nullptr && kernel.quantization->scales.size() == 1;
  return {false, ungrouped && one_scale ? RowCoding::kSymmetric : RowCoding::kAsymmetric};
}

inline HybridCoding hybrid_coding(const DepthwiseConv2dAttributes&, const TensorView&, const TensorView&, Arithmetic) {
  return {false, RowCoding::kAsymmetric};
}

}  // namespace burin
