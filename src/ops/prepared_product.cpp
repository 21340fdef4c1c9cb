#include "ops/prepared_product.hpp"

#include <algorithm>
#include <cstdlib>

#include "ops/selection.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

const std::byte* weight_bytes(const TensorView& weights, std::vector<int8_t>& unpacked) {
  if (weights.type != ElementType::kInt4) return weights.data;
  unpack_int4(weights, unpacked);
  return reinterpret_cast<const std::byte*>(unpacked.data());
}

Int8Output make_int8_output(std::string_view op, const runtime::PrepareContext& context, int64_t channels,
                            FusedActivation activation, ReferenceRounding rounding) {
  Int8Output output;
  AffineParameters input;
  if (!read_affine(op, "input", context.inputs[0], input).is_ok()) return output;
  if (!ChannelRequantizer::make(op, context.inputs[0], context.inputs[1], context.outputs[0], channels, activation,
                                context.arithmetic, rounding, output.requantizer)
           .is_ok()) {
    return output;
  }
  // Libraries for given models have kernels that give sums, which this takes, only where a model needs them.
  if (!output.requantizer.multiplies_floats() && !is_selected_kernel(kIntegerSums)) return output;
  output.usable = input.zero_point >= -128 && input.zero_point <= 127;
  output.input_zero_point = input.zero_point;
  output.padding = context.padding.empty() ? input.zero_point : context.padding.code;
  if (output.requantizer.multiplies_floats()) {
    const CodeRange range = output.requantizer.range();
    output.plain = range.min == -128 && range.max == 127;
    output.scales.assign(static_cast<size_t>(channels + gemm::kChannelPadding), 0.0f);
    for (int64_t channel = 0; channel < channels; ++channel) {
      const float scale = output.requantizer.scale(channel);
      output.scales[static_cast<size_t>(channel)] = scale;
      output.usable = output.usable && std::isfinite(scale);
      output.plain = output.plain && scale < 1.0f;
    }
    // The vector kernels add the zero point in 16 bits.
    const int32_t zero_point = output.requantizer.zero_point();
    output.usable = output.usable && zero_point >= -128 && zero_point <= 127;
  }
  return output;
}

namespace {

// Nothing where a sum might be too large for the vector kernels.
void round_half_up(const runtime::PrepareContext& context, int64_t channels, int64_t depth, Int8Output& output) {
  const auto padded = static_cast<size_t>(channels + gemm::kChannelPadding);
  std::vector<int32_t> multipliers(padded), left_shifts(padded), right_shifts(padded);
  constexpr int64_t kLargestSum = (int64_t{1} << 30) - 1, kLargestProduct = 255 * 8;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const FixedPointMultiplier multiplier = output.requantizer.multiplier(channel);
    const int64_t bias = gemm::element_or_zero<int32_t>(bias_data(context), channel);
    const int left = std::max(multiplier.shift, 0), right = std::max(-multiplier.shift, 0);
    if (left > 20 || right > 30 || depth > kLargestSum / kLargestProduct) return;
    if ((std::abs(bias) + depth * kLargestProduct) << left > kLargestSum) return;
    multipliers[static_cast<size_t>(channel)] = multiplier.multiplier;
    left_shifts[static_cast<size_t>(channel)] = left;
    right_shifts[static_cast<size_t>(channel)] = right;
  }
  const int32_t zero_point = output.requantizer.zero_point();
  if (zero_point < -128 || zero_point > 127) return;
  output.multipliers = std::move(multipliers);
  output.left_shifts = std::move(left_shifts);
  output.right_shifts = std::move(right_shifts);
}

}  // namespace

gemm::Int8Product make_int8_product(const runtime::PrepareContext& context, runtime::InstructionSet set,
                                    const gemm::Patches& patches, int64_t groups, int64_t n,
                                    gemm::WeightsLayout weights, Int8Output& output) {
  std::vector<int8_t> unpacked;
  weights.data = weight_bytes(context.inputs[1], unpacked);
  const gemm::Int8Kernels* int4 = context.inputs[1].type == ElementType::kInt4 ? gemm::int4_kernels(set) : nullptr;
  const gemm::Int8Kernels& kernels = int4 != nullptr ? *int4 : gemm::int8_kernels(set);
  if (kernels.half_up && output.requantizer.rounds_half_up()) {
    round_half_up(context, groups * n, patches.depth(), output);
  }
  return gemm::Int8Product(kernels, patches, groups, n, weights, bias_data(context), output.input_zero_point);
}

}  // namespace burin
