#include "runtime/kernel_table.hpp"

#include "ops/activation/kernel.hpp"
#include "ops/conv/kernel.hpp"
#include "ops/elementwise/kernel.hpp"
#include "ops/matmul/kernel.hpp"
#include "ops/pad/kernel.hpp"
#include "ops/pool/kernel.hpp"
#include "ops/quantization/kernel.hpp"
#include "ops/reduce/kernel.hpp"
#include "ops/selection.hpp"
#include "ops/softmax/kernel.hpp"
#include "runtime/cpu_features.hpp"

namespace burin::runtime {

namespace {

struct Row {
  Op op;
  const char* name;  // what a selection (ops/selection.hpp) calls it
  PrepareFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried.
constexpr Row kEveryRow[] = {
    {Op::kAdd, "add_f32", prepare_binary_f32<Op::kAdd>},
    {Op::kAdd, "add_s8", prepare_binary_s8<Op::kAdd>},
    {Op::kAveragePool2d, "average_pool_2d_f32", prepare_average_pool_f32},
    {Op::kAveragePool2d, "average_pool_2d_s8", prepare_average_pool_s8},
    {Op::kConv2d, "conv_2d_f32", prepare_conv2d_f32},
    {Op::kConv2d, "conv_2d_s8", prepare_conv2d_int8},
    {Op::kConv2d, "conv_2d_hybrid", prepare_conv2d_hybrid},
    {Op::kDepthwiseConv2d, "depthwise_conv_2d_f32", prepare_depthwise_conv2d_f32},
    {Op::kDepthwiseConv2d, "depthwise_conv_2d_s8", prepare_depthwise_conv2d_int8},
    {Op::kDepthwiseConv2d, "depthwise_conv_2d_hybrid", prepare_depthwise_conv2d_hybrid},
    {Op::kDequantize, "dequantize_table", prepare_dequantize_table},
    {Op::kDiv, "div_f32", prepare_binary_f32<Op::kDiv>},
    {Op::kFullyConnected, "fully_connected_f32", prepare_fully_connected_f32},
    {Op::kFullyConnected, "fully_connected_s8", prepare_fully_connected_int8},
    {Op::kFullyConnected, "fully_connected_hybrid", prepare_fully_connected_hybrid},
    {Op::kHardSwish, "hard_swish_f32", prepare_activation_f32<Op::kHardSwish>},
    {Op::kHardSwish, "hard_swish_table", prepare_code_table<Op::kHardSwish>},
    {Op::kLeakyRelu, "leaky_relu_f32", prepare_activation_f32<Op::kLeakyRelu>},
    {Op::kLeakyRelu, "leaky_relu_table", prepare_code_table<Op::kLeakyRelu>},
    {Op::kLogistic, "logistic_f32", prepare_activation_f32<Op::kLogistic>},
    {Op::kLogistic, "logistic_table", prepare_code_table<Op::kLogistic>},
    {Op::kMaxPool2d, "max_pool_2d_f32", prepare_max_pool_f32},
    {Op::kMaxPool2d, "max_pool_2d_s8", prepare_max_pool_s8},
    {Op::kMaximum, "maximum_f32", prepare_binary_f32<Op::kMaximum>},
    {Op::kMean, "mean_f32", prepare_reduce_f32<Op::kMean>},
    {Op::kMean, "mean_s8", prepare_reduce_s8<Op::kMean>},
    {Op::kMinimum, "minimum_f32", prepare_binary_f32<Op::kMinimum>},
    {Op::kMul, "mul_f32", prepare_binary_f32<Op::kMul>},
    {Op::kMul, "mul_s8", prepare_binary_s8<Op::kMul>},
    {Op::kPad, "pad_any", prepare_pad<Op::kPad>},
    {Op::kPadV2, "padv2_any", prepare_pad<Op::kPadV2>},
    {Op::kQuantize, "quantize_s8", prepare_quantize_s8},
    {Op::kQuantize, "quantize_table", prepare_code_table<Op::kQuantize>},
    {Op::kReduceMax, "reduce_max_f32", prepare_reduce_f32<Op::kReduceMax>},
    {Op::kRelu, "relu_f32", prepare_activation_f32<Op::kRelu>},
    {Op::kRelu, "relu_table", prepare_code_table<Op::kRelu>},
    {Op::kRelu6, "relu6_f32", prepare_activation_f32<Op::kRelu6>},
    {Op::kRelu6, "relu6_table", prepare_code_table<Op::kRelu6>},
    {Op::kReluN1To1, "relu_n1_to_1_f32", prepare_activation_f32<Op::kReluN1To1>},
    {Op::kReluN1To1, "relu_n1_to_1_table", prepare_code_table<Op::kReluN1To1>},
    {Op::kSoftmax, "softmax_f32", prepare_softmax_f32},
    {Op::kSoftmax, "softmax_s8", prepare_softmax_s8},
    {Op::kSub, "sub_f32", prepare_binary_f32<Op::kSub>},
    {Op::kSub, "sub_s8", prepare_binary_s8<Op::kSub>},
    {Op::kSum, "sum_f32", prepare_reduce_f32<Op::kSum>},
    {Op::kSum, "sum_s8", prepare_reduce_s8<Op::kSum>},
    {Op::kTanh, "tanh_f32", prepare_activation_f32<Op::kTanh>},
    {Op::kTanh, "tanh_table", prepare_code_table<Op::kTanh>},
};

constexpr auto kRows = selected_rows<count_selected(kEveryRow)>(kEveryRow);

}  // namespace

Result<ResolvedKernel> prepare_kernel(const RuntimeOperator& row, const PrepareContext& context) {
  if (row.prepare != nullptr) {
    PreparedResult kernel = row.prepare(context, instruction_set());
    if (!kernel.is_ok()) return kernel.status();
    return ResolvedKernel{std::move(kernel.value()), "source"};
  }
  for (const Row& candidate : kRows) {
    if (candidate.op != row.op) continue;
    PreparedResult kernel = candidate.prepare(context, instruction_set());
    if (!kernel.is_ok()) return kernel.status();
    if (kernel.value() != nullptr) return ResolvedKernel{std::move(kernel.value()), candidate.name};
  }
  return ResolvedKernel{};
}

}  // namespace burin::runtime
