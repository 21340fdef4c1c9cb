#include "ops/prepared_product.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

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

// A channel without weights has the same code everywhere. Its bias may be far larger than the sums of others, and its
// scale tiny: such a channel gets its code, less the zero point, as its bias.
std::vector<bool> channels_without_weights(int64_t groups, int64_t n, int64_t depth,
                                           const gemm::WeightsLayout& weights) {
  std::vector<bool> empty(static_cast<size_t>(groups * n), true);
  for (int64_t channel = 0; channel < groups * n; ++channel) {
    for (int64_t k = 0; k < depth && empty[static_cast<size_t>(channel)]; ++k)
      empty[static_cast<size_t>(channel)] = weights.at<int8_t>(channel / n, channel % n, k) == 0;
  }
  return empty;
}

// The biases, and the scales of the channels that get their codes.
std::vector<int32_t> codes_of_empty_channels(const runtime::PrepareContext& context, int64_t groups, int64_t n,
                                             int64_t depth, const gemm::WeightsLayout& weights, Int8Output& output) {
  const std::vector<bool> empty = channels_without_weights(groups, n, depth, weights);
  std::vector<int32_t> bias(empty.size());
  for (size_t channel = 0; channel < bias.size(); ++channel) {
    bias[channel] = gemm::element_or_zero<int32_t>(bias_data(context), static_cast<int64_t>(channel));
    if (!empty[channel]) continue;
    bias[channel] = output.requantizer(bias[channel], static_cast<int64_t>(channel)) - output.requantizer.zero_point();
    output.scales[channel] = 1.0f;
  }
  return bias;
}

// The largest sum of int4 weights times codes.
int64_t largest_int4_sum(int64_t bias, int64_t depth) { return std::abs(bias) + depth * 255 * 8; }

// False where a sum might be too large for the kernels.
bool round_half_up(const std::vector<int32_t>& bias, const std::vector<bool>& empty, int64_t depth,
                   Int8Output& output) {
  const size_t channels = bias.size(), padded = channels + gemm::kChannelPadding;
  std::vector<int32_t> multipliers(padded), left_shifts(padded), right_shifts(padded);
  for (size_t channel = 0; channel < channels; ++channel) {
    if (empty[channel]) {
      multipliers[channel] = std::numeric_limits<int32_t>::max();
      continue;
    }
    const FixedPointMultiplier multiplier = output.requantizer.multiplier(static_cast<int64_t>(channel));
    const int left = std::max(multiplier.shift, 0), right = std::max(-multiplier.shift, 0);
    if (left > 20 || right > 30 || largest_int4_sum(bias[channel], depth) << left >= int64_t{1} << 30) return false;
    multipliers[channel] = multiplier.multiplier;
    left_shifts[channel] = left;
    right_shifts[channel] = right;
  }
  const int32_t zero_point = output.requantizer.zero_point();
  if (zero_point < -128 || zero_point > 127) return false;
  const CodeRange range = output.requantizer.range();
  output.plain = range.min == -128 && range.max == 127;
  output.multipliers = std::move(multipliers);
  output.left_shifts = std::move(left_shifts);
  output.right_shifts = std::move(right_shifts);
  return true;
}

// The biases of packed int4 weights; nothing where they have to be unpacked, as sums might be too large.
std::vector<int32_t> int4_bias(const runtime::PrepareContext& context, const gemm::Int8Kernels& kernels, int64_t groups,
                               int64_t n, int64_t depth, const gemm::WeightsLayout& weights, Int8Output& output) {
  std::vector<int32_t> bias(static_cast<size_t>(groups * n));
  const bool half_up = kernels.half_up && output.requantizer.rounds_half_up();
  const std::vector<bool> empty =
      half_up ? channels_without_weights(groups, n, depth, weights) : std::vector<bool>(bias.size());
  if (depth > gemm::kLargestInt4Sum) return {};
  for (int64_t channel = 0; channel < groups * n; ++channel) {
    int32_t& value = bias[static_cast<size_t>(channel)];
    value = gemm::element_or_zero<int32_t>(bias_data(context), channel);
    if (empty[static_cast<size_t>(channel)])
      value = output.requantizer(value, channel) - output.requantizer.zero_point();
    if (largest_int4_sum(value, depth) > gemm::kLargestInt4Sum) return {};
  }
  if (half_up && !round_half_up(bias, empty, depth, output)) return {};
  return bias;
}

}  // namespace

gemm::Int8Product make_int8_product(const runtime::PrepareContext& context, runtime::InstructionSet set,
                                    const gemm::Patches& patches, int64_t groups, int64_t n,
                                    gemm::WeightsLayout weights, Int8Output& output) {
  std::vector<int8_t> unpacked;
  weights.data = weight_bytes(context.inputs[1], unpacked);
  if (context.inputs[1].type == ElementType::kInt4) {
    const gemm::Int8Kernels* int4 = gemm::int4_kernels(set);
    if (int4 != nullptr) {
      const std::vector<int32_t> bias = int4_bias(context, *int4, groups, n, patches.depth(), weights, output);
      if (!bias.empty()) {
        return gemm::Int8Product(*int4, patches, groups, n, weights, reinterpret_cast<const std::byte*>(bias.data()),
                                 output.input_zero_point, context.weight_memory);
      }
    }
  }
  const gemm::Int8Kernels& kernels = gemm::int8_kernels(set);
  const std::byte* bias = bias_data(context);
  std::vector<int32_t> own_bias;
  if (kernels.takes_narrow && !output.scales.empty()) {
    own_bias = codes_of_empty_channels(context, groups, n, patches.depth(), weights, output);
    bias = reinterpret_cast<const std::byte*>(own_bias.data());
  }
  return gemm::Int8Product(kernels, patches, groups, n, weights, bias, output.input_zero_point, context.weight_memory);
}

}  // namespace burin
