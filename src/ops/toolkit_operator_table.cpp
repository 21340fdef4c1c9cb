// The toolkit operator table: one row per operator, in the order of Op.
#include <array>

#include "ops/activation/toolkit.hpp"
#include "ops/conv/toolkit.hpp"
#include "ops/elementwise/toolkit.hpp"
#include "ops/matmul/toolkit.hpp"
#include "ops/pad/toolkit.hpp"
#include "ops/pool/toolkit.hpp"
#include "ops/quantization/toolkit.hpp"
#include "ops/reduce/toolkit.hpp"
#include "ops/reshape/toolkit.hpp"
#include "ops/resize/toolkit.hpp"
#include "ops/softmax/toolkit.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

OperatorQuantization not_quantized(const Model&, const Graph&, const Node&) { return {}; }

constexpr std::array<ToolkitOperator, kOpCount> kOperators = {{
    {Op::kAbs, quantization_elementwise, nullptr, nullptr, version_abs},
    {Op::kAdd, quantization_elementwise, nullptr, write_arithmetic, version_add},
    {Op::kAveragePool2d, quantization_pool, multiply_accumulates_pool2d, write_pool2d, version_pool2d},
    {Op::kCeil, quantization_elementwise, nullptr, nullptr, nullptr},
    {Op::kConcatenation, quantization_reshape, nullptr, write_concatenation, version_concatenation},
    {Op::kConv2d, quantization_conv, multiply_accumulates_conv2d, write_conv2d, version_conv2d},
    {Op::kDepthwiseConv2d, quantization_conv, multiply_accumulates_depthwise_conv2d, write_depthwise_conv2d,
     version_depthwise_conv2d},
    {Op::kDequantize, quantization_quantize, nullptr, nullptr, version_dequantize},
    {Op::kDiv, quantization_elementwise, nullptr, write_arithmetic, version_div},
    {Op::kElu, quantization_activation, nullptr, nullptr, nullptr},
    {Op::kExp, quantization_elementwise, nullptr, nullptr, version_exp},
    {Op::kExpandDims, quantization_reshape, nullptr, nullptr, nullptr},
    {Op::kFullyConnected, quantization_fully_connected, multiply_accumulates_fully_connected, write_fully_connected,
     version_fully_connected},
    {Op::kGelu, quantization_activation, nullptr, write_gelu, version_gelu},
    {Op::kHardSwish, quantization_activation, nullptr, nullptr, nullptr},
    {Op::kLeakyRelu, quantization_activation, nullptr, write_leaky_relu, version_leaky_relu},
    {Op::kLog, quantization_elementwise, nullptr, nullptr, version_exp},
    {Op::kLogSoftmax, quantization_softmax, nullptr, nullptr, version_log_softmax},
    {Op::kLogistic, quantization_activation, nullptr, nullptr, version_activation},
    {Op::kMaxPool2d, quantization_pool, multiply_accumulates_pool2d, write_pool2d, version_pool2d},
    {Op::kMaximum, quantization_elementwise, nullptr, nullptr, version_maximum},
    {Op::kMean, quantization_reduce, nullptr, write_reduce, version_reduce},
    {Op::kMinimum, quantization_elementwise, nullptr, nullptr, version_maximum},
    {Op::kMul, quantization_elementwise, nullptr, write_arithmetic, version_mul},
    {Op::kNeg, quantization_elementwise, nullptr, nullptr, nullptr},
    {Op::kPack, quantization_reshape, nullptr, write_pack, version_pack},
    {Op::kPad, quantization_pad, nullptr, nullptr, version_pad},
    {Op::kPadV2, quantization_pad, nullptr, nullptr, version_pad},
    {Op::kPrelu, quantization_activation, nullptr, nullptr, nullptr},
    {Op::kQuantize, quantization_quantize, nullptr, nullptr, version_quantize},
    {Op::kReduceMax, quantization_reduce, nullptr, write_reduce, version_reduce},
    {Op::kRelu, quantization_activation, nullptr, nullptr, version_activation},
    {Op::kRelu6, quantization_activation, nullptr, nullptr, version_activation},
    {Op::kReluN1To1, quantization_activation, nullptr, nullptr, nullptr},
    {Op::kReshape, quantization_reshape, nullptr, write_reshape, nullptr},
    {Op::kResizeBilinear, quantization_resize, nullptr, write_resize_bilinear, version_resize_bilinear},
    {Op::kResizeNearestNeighbor, quantization_resize, nullptr, write_resize_nearest_neighbor,
     version_resize_nearest_neighbor},
    {Op::kRsqrt, quantization_elementwise, nullptr, nullptr, version_rsqrt},
    {Op::kShape, quantization_reshape, nullptr, write_shape, nullptr},
    {Op::kSlice, quantization_reshape, nullptr, nullptr, version_slice},
    {Op::kSoftmax, quantization_softmax, nullptr, write_softmax, version_softmax},
    {Op::kSqrt, quantization_elementwise, nullptr, nullptr, nullptr},
    {Op::kSquare, quantization_elementwise, nullptr, nullptr, nullptr},
    {Op::kSqueeze, quantization_reshape, nullptr, write_squeeze, nullptr},
    {Op::kStridedSlice, quantization_reshape, nullptr, write_strided_slice, version_strided_slice},
    {Op::kSub, quantization_elementwise, nullptr, write_arithmetic, version_sub},
    {Op::kSum, quantization_reduce, nullptr, write_reduce, version_sum},
    {Op::kTanh, quantization_activation, nullptr, nullptr, version_activation},
    {Op::kTranspose, quantization_reshape, nullptr, nullptr, version_transpose},
    {Op::kBatchNormalization, not_quantized, nullptr, nullptr, nullptr},
    {Op::kIdentity, not_quantized, nullptr, nullptr, nullptr},
    {Op::kRescaling, not_quantized, nullptr, nullptr, nullptr},
}};

constexpr bool rows_in_order() {
  for (size_t i = 0; i < kOperators.size(); ++i) {
    if (static_cast<size_t>(kOperators[i].op) != i) return false;
  }
  return true;
}
static_assert(rows_in_order(), "the toolkit operator table needs one row per operator, in order");

}  // namespace

const ToolkitOperator& toolkit_operator(Op op) { return kOperators[static_cast<size_t>(op)]; }

}  // namespace burin
