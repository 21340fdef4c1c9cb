#include "ops/hybrid_kernel.hpp"

#include <cmath>

namespace burin {

HybridOutput make_hybrid_output(std::string_view op, const runtime::PrepareContext& context, int64_t channels,
                                int64_t n, int64_t depth, const gemm::WeightsLayout& layout, FusedActivation activation,
                                RowCoding coding) {
  HybridOutput output;
  int32_t zero_point;
  output.usable =
      read_weight_scales(op, context.inputs[1], channels, output.weight_scales, zero_point).is_ok() && zero_point == 0;
  if (!output.usable) return output;
  output.clamp = activation_range(activation);
  output.coding = coding;
  output.weight_scales.resize(static_cast<size_t>(channels), output.weight_scales[0]);
  for (int64_t channel = 0; channel < channels; ++channel) {
    output.bias.push_back(gemm::element_or_zero<float>(bias_data(context), channel));
    uint32_t sum = 0;
    for (int64_t k = 0; k < depth; ++k) {
      sum += static_cast<uint32_t>(layout.at<int8_t>(channel / n, channel % n, k));
    }
    output.weight_sums.push_back(static_cast<int32_t>(sum));
  }
  const auto padded = static_cast<size_t>(channels + gemm::kChannelPadding);
  output.weight_scales.resize(padded);
  output.bias.resize(padded);
  output.weight_sums.resize(padded);
  return output;
}

}  // namespace burin
