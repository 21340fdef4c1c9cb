#include "runtime/kernel_table.hpp"

#include "ops/conv/kernel.hpp"
#include "ops/matmul/kernel.hpp"
#include "runtime/cpu_features.hpp"

namespace burin::runtime {

namespace {

struct Row {
  Op op;
  PrepareFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried.
constexpr Row kRows[] = {
    {Op::kConv2d, prepare_conv2d_f32},
    {Op::kConv2d, prepare_conv2d_int8},
    {Op::kConv2d, prepare_conv2d_hybrid},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_f32},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_int8},
    {Op::kDepthwiseConv2d, prepare_depthwise_conv2d_hybrid},
    {Op::kFullyConnected, prepare_fully_connected_f32},
    {Op::kFullyConnected, prepare_fully_connected_int8},
    {Op::kFullyConnected, prepare_fully_connected_hybrid},
};

}  // namespace

Result<std::unique_ptr<PreparedKernel>> prepare_kernel(Op op, const PrepareContext& context) {
  for (const Row& row : kRows) {
    if (row.op != op) continue;
    PreparedResult kernel = row.prepare(context, instruction_set());
    if (!kernel.is_ok() || kernel.value() != nullptr) return kernel;
  }
  return std::unique_ptr<PreparedKernel>();
}

}  // namespace burin::runtime
