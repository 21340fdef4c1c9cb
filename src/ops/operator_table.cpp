// The runtime operator table: one row per builtin operator, in the order of Op.
#include <array>

#include "ops/activation/runtime.hpp"
#include "ops/conv/runtime.hpp"
#include "ops/elementwise/runtime.hpp"
#include "ops/matmul/runtime.hpp"
#include "ops/operator.hpp"
#include "ops/pad/runtime.hpp"
#include "ops/pool/runtime.hpp"
#include "ops/quantization/runtime.hpp"
#include "ops/reduce/runtime.hpp"
#include "ops/reshape/runtime.hpp"
#include "ops/resize/runtime.hpp"
#include "ops/selection.hpp"
#include "ops/softmax/runtime.hpp"

namespace burin {

namespace {

constexpr std::array<RuntimeOperator, kBuiltinOpCount> kEveryOperator = {{
    {Op::kAbs, "ABS", 101, 5, 1, 1, nullptr, infer_unary, evaluate_abs},
    {Op::kAdd, "ADD", 0, 5, 2, 2, parse_arithmetic, infer_binary, evaluate_add},
    {Op::kAveragePool2d, "AVERAGE_POOL_2D", 1, 3, 1, 1, parse_pool2d, infer_pool2d, evaluate_average_pool2d},
    {Op::kCeil, "CEIL", 104, 1, 1, 1, nullptr, infer_unary, evaluate_ceil},
    {Op::kConcatenation, "CONCATENATION", 2, 4, 1, 255, parse_concatenation, infer_concatenation,
     evaluate_concatenation},
    {Op::kConv2d, "CONV_2D", 3, 8, 2, 3, parse_conv2d, infer_conv2d, evaluate_conv2d},
    {Op::kDepthwiseConv2d, "DEPTHWISE_CONV_2D", 4, 7, 2, 3, parse_depthwise_conv2d, infer_depthwise_conv2d,
     evaluate_depthwise_conv2d},
    {Op::kDequantize, "DEQUANTIZE", 6, 6, 1, 1, nullptr, infer_dequantize, evaluate_dequantize},
    {Op::kDiv, "DIV", 42, 2, 2, 2, parse_arithmetic, infer_binary, evaluate_div},
    {Op::kElu, "ELU", 111, 1, 1, 1, nullptr, infer_unary, evaluate_elu},
    {Op::kExp, "EXP", 47, 2, 1, 1, nullptr, infer_unary, evaluate_exp},
    {Op::kExpandDims, "EXPAND_DIMS", 70, 1, 2, 2, nullptr, infer_expand_dims, evaluate_copy},
    {Op::kFullyConnected, "FULLY_CONNECTED", 9, 12, 2, 3, parse_fully_connected, infer_fully_connected,
     evaluate_fully_connected},
    {Op::kGelu, "GELU", 150, 2, 1, 1, parse_gelu, infer_unary, evaluate_gelu},
    {Op::kHardSwish, "HARD_SWISH", 117, 1, 1, 1, nullptr, infer_unary, evaluate_hard_swish},
    {Op::kLeakyRelu, "LEAKY_RELU", 98, 2, 1, 1, parse_leaky_relu, infer_unary, evaluate_leaky_relu},
    {Op::kLog, "LOG", 73, 2, 1, 1, nullptr, infer_unary, evaluate_log},
    {Op::kLogSoftmax, "LOG_SOFTMAX", 50, 2, 1, 1, nullptr, infer_unary, evaluate_log_softmax},
    {Op::kLogistic, "LOGISTIC", 14, 3, 1, 1, nullptr, infer_unary, evaluate_logistic},
    {Op::kMaxPool2d, "MAX_POOL_2D", 17, 3, 1, 1, parse_pool2d, infer_pool2d, evaluate_max_pool2d},
    {Op::kMaximum, "MAXIMUM", 55, 4, 2, 2, nullptr, infer_binary, evaluate_maximum},
    {Op::kMean, "MEAN", 40, 3, 2, 2, parse_reduce, infer_reduce, evaluate_mean},
    {Op::kMinimum, "MINIMUM", 57, 4, 2, 2, nullptr, infer_binary, evaluate_minimum},
    {Op::kMul, "MUL", 18, 7, 2, 2, parse_arithmetic, infer_binary, evaluate_mul},
    {Op::kNeg, "NEG", 59, 2, 1, 1, nullptr, infer_unary, evaluate_neg},
    {Op::kPack, "PACK", 83, 4, 1, 255, parse_pack, infer_pack, evaluate_pack},
    {Op::kPad, "PAD", 34, 4, 2, 2, nullptr, infer_pad, evaluate_pad},
    {Op::kPadV2, "PADV2", 60, 4, 3, 3, nullptr, infer_pad, evaluate_pad_v2},
    {Op::kPrelu, "PRELU", 54, 1, 2, 2, nullptr, infer_prelu, evaluate_prelu},
    {Op::kQuantize, "QUANTIZE", 114, 4, 1, 1, nullptr, infer_quantize, evaluate_quantize},
    {Op::kReduceMax, "REDUCE_MAX", 82, 3, 2, 2, parse_reduce, infer_reduce, evaluate_reduce_max},
    {Op::kRelu, "RELU", 19, 3, 1, 1, nullptr, infer_unary, evaluate_relu},
    {Op::kRelu6, "RELU6", 21, 3, 1, 1, nullptr, infer_unary, evaluate_relu6},
    {Op::kReluN1To1, "RELU_N1_TO_1", 20, 1, 1, 1, nullptr, infer_unary, evaluate_relu_n1_to_1},
    {Op::kReshape, "RESHAPE", 22, 1, 1, 2, parse_reshape, infer_reshape, evaluate_copy},
    {Op::kResizeBilinear, "RESIZE_BILINEAR", 23, 4, 2, 2, parse_resize_bilinear, infer_resize,
     evaluate_resize_bilinear},
    {Op::kResizeNearestNeighbor, "RESIZE_NEAREST_NEIGHBOR", 97, 4, 2, 2, parse_resize_nearest_neighbor, infer_resize,
     evaluate_resize_nearest_neighbor},
    {Op::kRsqrt, "RSQRT", 76, 3, 1, 1, nullptr, infer_unary, evaluate_rsqrt},
    {Op::kShape, "SHAPE", 77, 1, 1, 1, parse_shape, infer_shape, evaluate_shape},
    {Op::kSlice, "SLICE", 65, 6, 3, 3, nullptr, infer_slice, evaluate_slice},
    {Op::kSoftmax, "SOFTMAX", 25, 3, 1, 1, parse_softmax, infer_unary, evaluate_softmax},
    {Op::kSqrt, "SQRT", 75, 1, 1, 1, nullptr, infer_unary, evaluate_sqrt},
    {Op::kSquare, "SQUARE", 92, 1, 1, 1, nullptr, infer_unary, evaluate_square},
    {Op::kSqueeze, "SQUEEZE", 43, 2, 1, 1, parse_squeeze, infer_squeeze, evaluate_copy},
    {Op::kStridedSlice, "STRIDED_SLICE", 45, 8, 4, 4, parse_strided_slice, infer_strided_slice, evaluate_strided_slice},
    {Op::kSub, "SUB", 41, 5, 2, 2, parse_arithmetic, infer_binary, evaluate_sub},
    {Op::kSum, "SUM", 74, 2, 2, 2, parse_reduce, infer_reduce, evaluate_sum},
    {Op::kTanh, "TANH", 28, 3, 1, 1, nullptr, infer_unary, evaluate_tanh},
    {Op::kTranspose, "TRANSPOSE", 39, 6, 2, 2, nullptr, infer_transpose, evaluate_transpose},
}};

constexpr bool rows_in_order() {
  for (size_t i = 0; i < kEveryOperator.size(); ++i) {
    if (static_cast<size_t>(kEveryOperator[i].op) != i || kEveryOperator[i].infer == nullptr) return false;
  }
  return true;
}
static_assert(rows_in_order(), "the runtime operator table needs one complete row per builtin operator, in order");

// Rows of operators that are left out keep their names and codes, for errors, and nothing else.
constexpr std::array<RuntimeOperator, kBuiltinOpCount> selected_operators() {
  std::array<RuntimeOperator, kBuiltinOpCount> rows = kEveryOperator;
  for (RuntimeOperator& row : rows) {
    if (!is_evaluation_selected(row.name.data())) row.evaluate = evaluate_left_out;
    if (is_selected_operator(row.name.data())) continue;
    row.parse = nullptr;
    row.infer = nullptr;
  }
  return rows;
}
constexpr std::array<RuntimeOperator, kBuiltinOpCount> kOperators = selected_operators();

}  // namespace

Status left_out(std::string_view op) {
  return Status(StatusCode::kUnsupported,
                std::string(op) + ": this build of the runtime was made for other models and cannot compute it here",
                "Build it with this model's selection: `burin inspect MODEL --selection FILE`.");
}

Status evaluate_left_out(const EvaluateContext&) { return left_out("a constant"); }

const RuntimeOperator& runtime_operator(Op op) { return kOperators[static_cast<size_t>(op)]; }

std::span<const RuntimeOperator> runtime_operators() { return kOperators; }

const RuntimeOperator* find_runtime_operator(int32_t builtin_code) {
  for (const RuntimeOperator& row : kOperators) {
    if (row.builtin_code == builtin_code) return &row;
  }
  return nullptr;
}

}  // namespace burin
