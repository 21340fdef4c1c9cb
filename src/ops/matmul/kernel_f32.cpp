#include "gemm/f32_product.hpp"
#include "ops/f32_kernel.hpp"
#include "ops/matmul/kernel.hpp"

namespace burin {

runtime::PreparedResult prepare_fully_connected_f32(const runtime::PrepareContext& context,
                                                    runtime::InstructionSet set) {
  if (!applies_to_f32(context)) return std::unique_ptr<runtime::PreparedKernel>();
  const auto& attributes = get<FullyConnectedAttributes>(context.attributes);
  const int64_t n = context.inputs[1].shape[0];
  const int64_t depth = context.inputs[1].shape[1];
  const gemm::Patches rows = gemm::matrix_rows(context.inputs[0].shape.elements() / depth, depth);
  gemm::F32Product product(gemm::f32_kernels(set), rows, 1, n, {context.inputs[1].data, 0, depth, 1},
                           bias_data(context), activation_range(attributes.activation));
  return runtime::PreparedResult(std::make_unique<F32Kernel<gemm::F32Product>>(std::move(product)));
}

}  // namespace burin
