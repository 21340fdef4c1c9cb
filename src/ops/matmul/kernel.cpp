#include "ops/matmul/kernel.hpp"

#include "gemm/f32_product.hpp"
#include "gemm/int8_product.hpp"
#include "ops/hybrid_kernel.hpp"
#include "ops/prepared_product.hpp"

namespace burin {

namespace {

using runtime::InstructionSet;
using runtime::PrepareContext;
using runtime::PreparedKernel;
using runtime::PreparedResult;

// The input as rows of the weights' depth.
gemm::Patches input_rows(const PrepareContext& context) {
  const int64_t depth = context.inputs[1].shape[1];
  return gemm::matrix_rows(context.inputs[0].shape.elements() / depth, depth);
}

gemm::WeightsLayout weights_layout(const PrepareContext& context) {
  return {context.inputs[1].data, 0, context.inputs[1].shape[1], 1};
}

}  // namespace

PreparedResult prepare_fully_connected_f32(const PrepareContext& context, InstructionSet set) {
  constexpr auto kFloat = ElementType::kFloat32;
  if (!takes(context, kFloat, kFloat, kFloat)) return std::unique_ptr<PreparedKernel>();
  return PreparedResult(std::make_unique<F32Kernel<gemm::F32Product>>(gemm::F32Product(
      gemm::f32_kernels(set), input_rows(context), 1, context.inputs[1].shape[0], weights_layout(context),
      bias_data(context), activation_range(get<FullyConnectedAttributes>(context.attributes).activation),
      context.weight_memory)));
}

PreparedResult prepare_fully_connected_int8(const PrepareContext& context, InstructionSet set) {
  if (!takes_integers(context)) return std::unique_ptr<PreparedKernel>();
  const int64_t n = context.inputs[1].shape[0];
  Int8Output output =
      make_int8_output("FULLY_CONNECTED", context, n, get<FullyConnectedAttributes>(context.attributes).activation,
                       ReferenceRounding::kOnce);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  gemm::Int8Product product =
      make_int8_product(context, set, input_rows(context), 1, n, weights_layout(context), output);
  return PreparedResult(std::make_unique<Int8Kernel<gemm::Int8Product>>(std::move(product), std::move(output)));
}

PreparedResult prepare_fully_connected_hybrid(const PrepareContext& context, InstructionSet set) {
  if (!takes(context, ElementType::kFloat32, ElementType::kInt8, ElementType::kFloat32)) {
    return std::unique_ptr<PreparedKernel>();
  }
  const auto& attributes = get<FullyConnectedAttributes>(context.attributes);
  const int64_t n = context.inputs[1].shape[0];
  const gemm::Patches rows = input_rows(context);
  const bool asymmetric = attributes.asymmetric_quantize_inputs || context.arithmetic == Arithmetic::kLitert;
  const RowCoding coding = asymmetric ? RowCoding::kAsymmetric : RowCoding::kSymmetric;
  HybridOutput output = make_hybrid_output("FULLY_CONNECTED", context, n, n, rows.depth(), weights_layout(context),
                                           attributes.activation, coding);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  const gemm::RowQuantizer quantizer{&gemm::quantize_row_kernels(set), coding};
  return PreparedResult(std::make_unique<HybridRowsKernel>(
      gemm::Int8Product(gemm::int8_kernels(set), quantizer, rows.rows(), rows.depth(), n, weights_layout(context),
                        context.weight_memory),
      std::move(output)));
}

}  // namespace burin
