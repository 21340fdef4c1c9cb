#include "runtime/kernel_table.hpp"

#include "ops/activation/kernel.hpp"
#include "ops/conv/kernel.hpp"
#include "ops/elementwise/kernel.hpp"
#include "ops/matmul/kernel.hpp"
#include "ops/pad/kernel.hpp"
#include "ops/pool/kernel.hpp"
#include "ops/quantization/kernel.hpp"
#include "ops/reduce/kernel.hpp"
#include "ops/softmax/kernel.hpp"
#include "runtime/cpu_features.hpp"

namespace burin::runtime {

namespace {

struct Row {
  Op op;
  PrepareFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried.
constexpr Row kRows[] = {
    {Op::kAdd, prepare_binary_f32<Op::kAdd>},
    {Op::kAdd, prepare_binary_s8<Op::kAdd>},
    {Op::kAveragePool2d, prepare_average_pool_f32},
    {Op::kAveragePool2d, prepare_average_pool_s8},
    {Op::kConv2d, prepare_conv2d_f32},
    {Op::kConv2d, prepare_conv2d_int8},
    {Op::kConv2d, prepare_conv2d_hybrid},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_f32},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_int8},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_hybrid},
    {Op::kDequantize, prepare_dequantize_table},
    {Op::kDiv, prepare_binary_f32<Op::kDiv>},
    {Op::kFullyConnected, prepare_fully_connected_f32},
    {Op::kFullyConnected, prepare_fully_connected_int8},
    {Op::kFullyConnected, prepare_fully_connected_hybrid},
    {Op::kHardSwish, prepare_activation_f32<Op::kHardSwish>},
    {Op::kHardSwish, prepare_code_table<Op::kHardSwish>},
    {Op::kLeakyRelu, prepare_activation_f32<Op::kLeakyRelu>},
    {Op::kLeakyRelu, prepare_code_table<Op::kLeakyRelu>},
    {Op::kLogistic, prepare_activation_f32<Op::kLogistic>},
    {Op::kLogistic, prepare_code_table<Op::kLogistic>},
    {Op::kMaxPool2d, prepare_max_pool_f32},
    {Op::kMaxPool2d, prepare_max_pool_s8},
    {Op::kMaximum, prepare_binary_f32<Op::kMaximum>},
    {Op::kMean, prepare_reduce_f32<Op::kMean>},
    {Op::kMean, prepare_reduce_s8<Op::kMean>},
    {Op::kMinimum, prepare_binary_f32<Op::kMinimum>},
    {Op::kMul, prepare_binary_f32<Op::kMul>},
    {Op::kMul, prepare_binary_s8<Op::kMul>},
    {Op::kPad, prepare_pad<Op::kPad>},
    {Op::kPadV2, prepare_pad<Op::kPadV2>},
    {Op::kQuantize, prepare_quantize_s8},
    {Op::kQuantize, prepare_code_table<Op::kQuantize>},
    {Op::kReduceMax, prepare_reduce_f32<Op::kReduceMax>},
    {Op::kRelu, prepare_activation_f32<Op::kRelu>},
    {Op::kRelu, prepare_code_table<Op::kRelu>},
    {Op::kRelu6, prepare_activation_f32<Op::kRelu6>},
    {Op::kRelu6, prepare_code_table<Op::kRelu6>},
    {Op::kReluN1To1, prepare_activation_f32<Op::kReluN1To1>},
    {Op::kReluN1To1, prepare_code_table<Op::kReluN1To1>},
    {Op::kSoftmax, prepare_softmax_f32},
    {Op::kSub, prepare_binary_f32<Op::kSub>},
    {Op::kSub, prepare_binary_s8<Op::kSub>},
    {Op::kSum, prepare_reduce_f32<Op::kSum>},
    {Op::kSum, prepare_reduce_s8<Op::kSum>},
    {Op::kTanh, prepare_activation_f32<Op::kTanh>},
    {Op::kTanh, prepare_code_table<Op::kTanh>},
};

}  // namespace

Result<std::unique_ptr<PreparedKernel>> prepare_kernel(const RuntimeOperator& row, const PrepareContext& context) {
  if (row.prepare != nullptr) return row.prepare(context, instruction_set());
  for (const Row& candidate : kRows) {
    if (candidate.op != row.op) continue;
    PreparedResult kernel = candidate.prepare(context, instruction_set());
    if (!kernel.is_ok() || kernel.value() != nullptr) return kernel;
  }
  return std::unique_ptr<PreparedKernel>();
}

}  // namespace burin::runtime
