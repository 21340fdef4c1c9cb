// The sums of products of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, for every combination of types: their
// reference evaluation, and what kernels share with it.
#pragma once

#include <vector>

#include "gemm/quantize_row.hpp"
#include "ops/channel_requantizer.hpp"
#include "ops/conv/window.hpp"
#include "ops/operands.hpp"

namespace burin {

// int4 weights (two a byte, the first in the low half), one a byte.
void unpack_int4(const TensorView& weights, std::vector<int8_t>& values);

// Hybrid: float activations, int8 or int4 weights. Float rows are quantized to 8 bits, each with a scale of its own;
// codes are less their zero point. Which rows and which coding differs between LiteRT's kernels:
//   litert (XNNPACK):  asymmetric; a row is a row of FULLY_CONNECTED, a pixel of a 1x1 CONV_2D, else an image
//   reference:         a row of FULLY_CONNECTED, symmetric unless its attribute says otherwise; an image of a
//                      convolution, symmetric with one scale for all weights, else asymmetric
using gemm::RowCoding;

struct HybridCoding {
  bool row_is_pixel;  // else a row is an image
  RowCoding coding;
};

// A matrix product is a convolution of images of one pixel.
struct WeightedSum {
  std::string_view op;
  bool depthwise;
  int64_t batch;
  WindowAxis height, width;
  int32_t input_channels;
  int32_t output_channels;
  int32_t kernel_channels;  // input channels of one group
  FusedActivation activation;
  ReferenceRounding rounding;
  HybridCoding coding;
};
// Input 0 times input 1, the weights [output channel][height][width][kernel channel] or depthwise
// [height][width][output channel], plus input 2, the bias, if there is one.
Status evaluate_weighted_sum(const EvaluateContext& context, const WeightedSum& sum);

}  // namespace burin
