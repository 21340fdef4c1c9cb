// Hybrid operators: float activations, int8 weights. Every row (of a FULLY_CONNECTED) or image (of a convolution) is
// quantized with parameters of its own, multiplied as integers and scaled back:
//   output = clamp((sum - zero_point * sum of weights) * (row scale * weight scale) + bias)
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "gemm/aligned_buffer.hpp"
#include "gemm/int8_product.hpp"
#include "gemm/quantize_row.hpp"
#include "gemm/round_up.hpp"
#include "ops/prepared_product.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

struct HybridOutput {
  bool usable = false;                     // parameters that the reference refuses are left to it
  std::vector<float> weight_scales, bias;  // these three padded by kChannelPadding
  std::vector<int32_t> weight_sums;
  FloatRange clamp;
  RowCoding coding;

  size_t bytes() const { return weight_sums.size() * 3 * sizeof(float); }
};
// `layout` has the weights of `channels` outputs in groups of `n`, `depth` deep.
HybridOutput make_hybrid_output(std::string_view op, const runtime::PrepareContext& context, int64_t channels,
                                int64_t n, int64_t depth, const gemm::WeightsLayout& layout, FusedActivation activation,
                                RowCoding coding);

// `rows`: the parameters of the input's rows, `row_step` as in Dequantization.
inline gemm::Dequantization dequantization(const HybridOutput& output, const gemm::RowAffine* rows, int64_t row_step) {
  return {.rows = rows,
          .row_step = row_step,
          .scales = output.weight_scales.data(),
          .bias = output.bias.data(),
          .weight_sums = output.weight_sums.data(),
          .min = output.clamp.min,
          .max = output.clamp.max};
}

// Rows of a matrix, each with parameters of its own.
class HybridRowsKernel final : public runtime::PreparedKernel {
 public:
  // `product`: of float rows.
  HybridRowsKernel(gemm::Int8Product product, HybridOutput output)
      : product_(std::move(product)), output_(std::move(output)) {}

  const char* name() const override { return product_.name(); }
  size_t packed_bytes() const override { return product_.packed_bytes() + output_.bytes(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  Status run(const runtime::RunContext& context) const override {
    product_.run_rows(context.inputs[0].as<float>(), dequantization(output_, nullptr, 1),
                      context.outputs[0].as<float>(), context.scratch, context.threads);
    return {};
  }

 private:
  gemm::Int8Product product_;
  HybridOutput output_;
};

// What one run of a product reads and writes.
struct HybridImages {
  int64_t images, values, outputs;
};

// Images, each with parameters of its own. Product: Int8Product or Int8DepthwiseConvolution of one image, with zero
// point 0 and no bias.
template <typename Product>
class HybridImageKernel final : public runtime::PreparedKernel {
 public:
  HybridImageKernel(Product product, const gemm::QuantizeRowKernels& kernels, const HybridImages& images,
                    HybridOutput output)
      : product_(std::move(product)), kernels_(kernels), images_(images), output_(std::move(output)) {}

  const char* name() const override { return product_.name(); }
  size_t packed_bytes() const override { return product_.packed_bytes() + output_.bytes(); }
  size_t scratch_bytes(int threads) const override {
    return product_.scratch_bytes(threads) + static_cast<size_t>(codes_bytes() + threads * int64_t{sizeof(Extremes)});
  }

  Status run(const runtime::RunContext& context) const override {
    auto* codes = reinterpret_cast<int8_t*>(context.scratch);
    auto* extremes = reinterpret_cast<Extremes*>(context.scratch + codes_bytes());
    std::byte* scratch = reinterpret_cast<std::byte*>(extremes + context.threads.threads());
    const auto* values = context.inputs[0].as<float>();
    auto* outputs = context.outputs[0].as<float>();
    for (int64_t image = 0; image < images_.images; ++image) {
      const gemm::RowAffine affine = quantize(values, codes, extremes, context.threads);
      const gemm::Dequantization to_floats = dequantization(output_, &affine, 0);
      product_.run(codes, static_cast<int8_t>(affine.zero_point), gemm::Int8Destination::to_floats(to_floats, outputs),
                   scratch, context.threads);
      values += images_.values;
      outputs += images_.outputs;
    }
    return {};
  }

 private:
  static constexpr int64_t kGrain = 16384;  // values that are worth a thread

  struct alignas(64) Extremes {
    float low, high;
  };

  gemm::RowAffine quantize(const float* values, int8_t* codes, Extremes* extremes, runtime::ThreadPool& threads) const {
    std::fill_n(extremes, threads.threads(), Extremes{0.0f, 0.0f});
    threads.parallel_for(images_.values, kGrain, [&](int64_t begin, int64_t end, int thread) {
      kernels_.extremes(values + begin, end - begin, extremes[thread].low, extremes[thread].high);
    });
    Extremes all{0.0f, 0.0f};
    for (int i = 0; i < threads.threads(); ++i) {
      all = {std::min(all.low, extremes[i].low), std::max(all.high, extremes[i].high)};
    }
    const gemm::RowAffine affine = gemm::row_affine(all.low, all.high, output_.coding);
    threads.parallel_for(images_.values, kGrain, [&](int64_t begin, int64_t end, int) {
      kernels_.codes(values + begin, end - begin, affine, codes + begin);
    });
    return affine;
  }

  int64_t codes_bytes() const { return gemm::round_up(images_.values, 64); }

  Product product_;
  const gemm::QuantizeRowKernels& kernels_;
  HybridImages images_;
  HybridOutput output_;
};

}  // namespace burin
