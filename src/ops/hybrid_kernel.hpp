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
};
// `layout` has the weights of `channels` outputs in groups of `n`, `depth` deep.
HybridOutput make_hybrid_output(std::string_view op, const runtime::PrepareContext& context, int64_t channels,
                                int64_t n, int64_t depth, const gemm::WeightsLayout& layout, FusedActivation activation,
                                RowCoding coding);

// What is quantized together: `images` runs of the product, each of `rows` rows of `columns` values with parameters of
// their own, and `output_rows` rows of outputs.
struct HybridInput {
  int64_t images, rows, columns, output_rows;
};

// Product: Int8Product or Int8DepthwiseConvolution of one image, with zero point 0 and no bias.
template <typename Product>
class HybridKernel final : public runtime::PreparedKernel {
 public:
  HybridKernel(Product product, const gemm::QuantizeRowKernels& kernels, const HybridInput& input, HybridOutput output)
      : product_(std::move(product)), kernels_(kernels), input_(input), output_(std::move(output)) {}

  const char* name() const override { return product_.name(); }
  size_t packed_bytes() const override {
    return product_.packed_bytes() + output_.weight_sums.size() * 3 * sizeof(float);
  }
  size_t scratch_bytes(int threads) const override {
    return product_.scratch_bytes(threads) +
           static_cast<size_t>(codes_bytes() + affine_bytes() + threads * int64_t{sizeof(Extremes)});
  }

  Status run(const runtime::RunContext& context) const override {
    auto* codes = reinterpret_cast<int8_t*>(context.scratch);
    auto* affine = reinterpret_cast<gemm::RowAffine*>(context.scratch + codes_bytes());
    auto* extremes = reinterpret_cast<Extremes*>(context.scratch + codes_bytes() + affine_bytes());
    std::byte* scratch = reinterpret_cast<std::byte*>(extremes + context.threads.threads());
    const auto* values = context.inputs[0].as<float>();
    auto* outputs = context.outputs[0].as<float>();
    for (int64_t image = 0; image < input_.images; ++image) {
      if (input_.rows == 1) {
        affine[0] = quantize_one(values, codes, extremes, context.threads);
      } else {
        quantize_rows(values, codes, affine, context.threads);
      }
      const gemm::Dequantization dequantization{.rows = affine,
                                                .row_step = input_.rows == 1 ? 0 : 1,
                                                .scales = output_.weight_scales.data(),
                                                .bias = output_.bias.data(),
                                                .weight_sums = output_.weight_sums.data(),
                                                .min = output_.clamp.min,
                                                .max = output_.clamp.max};
      product_.run(codes, static_cast<int8_t>(affine[0].zero_point),
                   gemm::Int8Destination::to_floats(dequantization, outputs), scratch, context.threads);
      values += input_.rows * input_.columns;
      outputs += input_.output_rows * product_.channels();
    }
    return {};
  }

 private:
  static constexpr int64_t kGrain = 16384;  // values that are worth a thread

  struct alignas(64) Extremes {
    float low, high;
  };

  void quantize_rows(const float* values, int8_t* codes, gemm::RowAffine* affine, runtime::ThreadPool& threads) const {
    const int64_t columns = input_.columns;
    threads.parallel_for(input_.rows, kGrain / columns + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        float low = 0.0f, high = 0.0f;
        kernels_.extremes(values + row * columns, columns, low, high);
        affine[row] = row_affine(low, high, output_.coding);
        kernels_.codes(values + row * columns, columns, affine[row], codes + row * columns);
      }
    });
  }

  // One row, shared by the threads.
  gemm::RowAffine quantize_one(const float* values, int8_t* codes, Extremes* extremes,
                               runtime::ThreadPool& threads) const {
    std::fill_n(extremes, threads.threads(), Extremes{0.0f, 0.0f});
    threads.parallel_for(input_.columns, kGrain, [&](int64_t begin, int64_t end, int thread) {
      kernels_.extremes(values + begin, end - begin, extremes[thread].low, extremes[thread].high);
    });
    Extremes all{0.0f, 0.0f};
    for (int i = 0; i < threads.threads(); ++i) {
      all = {std::min(all.low, extremes[i].low), std::max(all.high, extremes[i].high)};
    }
    const gemm::RowAffine affine = row_affine(all.low, all.high, output_.coding);
    threads.parallel_for(input_.columns, kGrain, [&](int64_t begin, int64_t end, int) {
      kernels_.codes(values + begin, end - begin, affine, codes + begin);
    });
    return affine;
  }

  int64_t codes_bytes() const { return gemm::round_up(input_.rows * input_.columns, 64); }
  int64_t affine_bytes() const { return gemm::round_up(input_.rows * int64_t{sizeof(gemm::RowAffine)}, 64); }

  Product product_;
  const gemm::QuantizeRowKernels& kernels_;
  HybridInput input_;
  HybridOutput output_;
};

}  // namespace burin
