// What the kernels of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED share: when they apply, and the blocked products
// of gemm/ as kernels. Weights and bias must be constant.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "gemm/int8_product.hpp"
#include "ops/channel_requantizer.hpp"
#include "runtime/kernel.hpp"

namespace burin {

// The constant bias, or null where there is none.
inline const std::byte* bias_data(const runtime::PrepareContext& context) {
  return context.inputs.size() > 2 && context.has_input[2] ? context.inputs[2].data : nullptr;
}

// The types of activations, weights and bias are these, weights and bias are constant, nothing is empty.
inline bool takes(const runtime::PrepareContext& context, ElementType activations, ElementType weights,
                  ElementType bias) {
  const bool has_bias = context.inputs.size() > 2 && context.has_input[2];
  return context.inputs[0].type == activations && context.outputs[0].type == activations &&
         context.inputs[1].type == weights && context.inputs[1].data != nullptr &&
         (!has_bias || (context.inputs[2].type == bias && context.inputs[2].data != nullptr)) &&
         context.outputs[0].shape.elements() > 0 && context.inputs[1].shape.elements() > 0;
}

// int8 activations with int8 or int4 weights.
inline bool takes_integers(const runtime::PrepareContext& context) {
  return takes(context, ElementType::kInt8, ElementType::kInt8, ElementType::kInt32) ||
         takes(context, ElementType::kInt8, ElementType::kInt4, ElementType::kInt32);
}

// One byte per weight, for packing: the constant's own bytes, or int4 ones in `unpacked`.
const std::byte* weight_bytes(const TensorView& weights, std::vector<int8_t>& unpacked);

// Floats. Product: F32Product or F32RowTiles.
template <typename Product>
class F32Kernel final : public runtime::PreparedKernel {
 public:
  explicit F32Kernel(Product product) : product_(std::move(product)) {}

  const char* name() const override { return product_.name(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  size_t packed_bytes() const override { return product_.packed_bytes(); }
  Status run(const runtime::RunContext& context) const override {
    product_.run(context.inputs[0].as<float>(), context.outputs[0].as<float>(), context.scratch, context.threads);
    return {};
  }

 private:
  Product product_;
};

// How the sums of an int8 kernel become codes, in either arithmetic.
struct Int8Output {
  bool usable = false;  // parameters that the reference refuses are left to it
  int32_t input_zero_point = 0;
  int32_t padding = 0;  // the code of positions outside the image
  ChannelRequantizer requantizer;
  bool plain = false;  // as Requantization::plain
  // Per channel, padded as Int8Destination wants it: where the requantizer multiplies floats, or rounds half up in a
  // way that the kernels know. Else all are empty.
  std::vector<float> scales;
  std::vector<int32_t> multipliers, left_shifts, right_shifts;
};
Int8Output make_int8_output(std::string_view op, const runtime::PrepareContext& context, int64_t channels,
                            FusedActivation activation, ReferenceRounding rounding);

// Int8Product for int8 or int4 weights, and its output in the arithmetic that its kernels know.
gemm::Int8Product make_int8_product(const runtime::PrepareContext& context, runtime::InstructionSet set,
                                    const gemm::Patches& patches, int64_t groups, int64_t n,
                                    gemm::WeightsLayout weights, Int8Output& output);

// int8 activations and weights. Product: Int8Product or Int8DepthwiseConvolution.
template <typename Product>
class Int8Kernel final : public runtime::PreparedKernel {
 public:
  Int8Kernel(Product product, Int8Output output) : product_(std::move(product)), output_(std::move(output)) {
    if (!output_.scales.empty()) narrow_ = product_.take_narrow(output_.scales.data());
  }

  const char* name() const override { return product_.name(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  size_t packed_bytes() const override {
    return product_.packed_bytes() + (output_.scales.size() + 3 * output_.multipliers.size()) * sizeof(float) +
           narrow_.size();
  }
  Status run(const runtime::RunContext& context) const override {
    auto* codes = context.outputs[0].as<int8_t>();
    const CodeRange range = output_.requantizer.range();
    const bool half_up = !output_.multipliers.empty();
    const gemm::Requantization requantization{.scales = output_.scales.data(),
                                              .zero_point = output_.requantizer.zero_point(),
                                              .min = range.min,
                                              .max = range.max,
                                              .plain = output_.plain,
                                              .narrow = narrow_.empty() ? nullptr : narrow_.data(),
                                              .multipliers = half_up ? output_.multipliers.data() : nullptr,
                                              .left_shifts = half_up ? output_.left_shifts.data() : nullptr,
                                              .right_shifts = half_up ? output_.right_shifts.data() : nullptr};
    const Requantize requantize(output_.requantizer, product_.channels(), codes);
    product_.run(context.inputs[0].as<int8_t>(), static_cast<int8_t>(output_.padding),
                 half_up || !output_.scales.empty() ? gemm::Int8Destination::to_codes(requantization, codes)
                                                    : gemm::Int8Destination::to_consumer(requantize),
                 context.scratch, context.threads);
    return {};
  }

 private:
  // The `reference` arithmetic, one sum at a time.
  class Requantize final : public gemm::SumsConsumer {
   public:
    Requantize(const ChannelRequantizer& requantizer, int64_t channels, int8_t* codes)
        : requantizer_(requantizer), channels_(channels), codes_(codes) {}
    void consume(int64_t row, int64_t channel, int64_t rows, int64_t columns, const int32_t* sums,
                 int64_t stride) const override {
      for (int64_t r = 0; r < rows; ++r) {
        int8_t* out = codes_ + (row + r) * channels_ + channel;
        for (int64_t j = 0; j < columns; ++j) {
          out[j] = static_cast<int8_t>(requantizer_(sums[r * stride + j], channel + j));
        }
      }
    }

   private:
    const ChannelRequantizer& requantizer_;
    int64_t channels_;
    int8_t* codes_;
  };

  Product product_;
  Int8Output output_;
  std::vector<uint8_t> narrow_;  // as Requantization::narrow
};

}  // namespace burin
