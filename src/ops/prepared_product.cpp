#include "ops/prepared_product.hpp"

namespace burin {

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
  output.usable = input.zero_point >= -128 && input.zero_point <= 127;
  output.input_zero_point = input.zero_point;
  output.padding = context.padding.empty() ? input.zero_point : context.padding.code;
  output.litert = context.arithmetic == Arithmetic::kLitert;
  if (output.litert) {
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

}  // namespace burin
