// What the float kernels of convolution and fully connected share: when they apply, and a blocked product as a kernel.
#pragma once

#include <utility>

#include "runtime/kernel.hpp"

namespace burin {

// A prepared product or depthwise convolution of floats.
template <typename Product>
class F32Kernel final : public runtime::PreparedKernel {
 public:
  explicit F32Kernel(Product product) : product_(std::move(product)) {}

  const char* name() const override { return product_.name(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  size_t packed_bytes() const override { return product_.packed_bytes(); }
  Status run(const runtime::RunContext& context) const override {
    product_.run(context.inputs[0].as<float>(), context.outputs[0].as<float>(), context.scratch, context.threads);
    return Status::ok();
  }

 private:
  Product product_;
};

// The constant bias, or null where there is none.
inline const std::byte* bias_data(const runtime::PrepareContext& context) {
  return context.inputs.size() > 2 && context.has_input[2] ? context.inputs[2].data : nullptr;
}

// Floats throughout, weights and bias constant, nothing empty.
inline bool applies_to_f32(const runtime::PrepareContext& context) {
  const bool has_bias = context.inputs.size() > 2 && context.has_input[2];
  return context.inputs[0].type == ElementType::kFloat32 && context.inputs[1].type == ElementType::kFloat32 &&
         context.outputs[0].type == ElementType::kFloat32 && context.inputs[1].data != nullptr &&
         (!has_bias || (context.inputs[2].type == ElementType::kFloat32 && context.inputs[2].data != nullptr)) &&
         context.outputs[0].shape.elements() > 0 && context.inputs[1].shape.elements() > 0;
}

}  // namespace burin
