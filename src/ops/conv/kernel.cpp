#include "ops/conv/kernel.hpp"

#include "gemm/f32_row_tiles.hpp"
#include "gemm/int8_depthwise.hpp"
#include "gemm/int8_product.hpp"
#include "ops/conv/convolution.hpp"
#include "ops/conv/hybrid_coding.hpp"
#include "ops/hybrid_kernel.hpp"
#include "ops/prepared_product.hpp"

namespace burin {

namespace {

using gemm::F32Product;
using gemm::F32RowTiles;
using gemm::Int8DepthwiseConvolution;
using gemm::Int8Product;
using runtime::InstructionSet;
using runtime::PrepareContext;
using runtime::PreparedKernel;
using runtime::PreparedResult;

template <typename Attributes>
PreparedResult prepare_f32_product(const PrepareContext& context, InstructionSet set) {
  const auto& attributes = get<Attributes>(context.attributes);
  Convolution c;
  if (Status status = make_convolution(context, attributes, c); !status.is_ok()) return status;
  return PreparedResult(std::make_unique<F32Kernel<F32Product>>(
      F32Product(gemm::f32_kernels(set), c.patches, c.groups, c.n, c.weights, bias_data(context),
                 activation_range(attributes.activation), context.weight_memory)));
}

template <typename Attributes>
PreparedResult prepare_int8_product(const PrepareContext& context, Int8Output output, InstructionSet set) {
  Convolution c;
  if (Status status = make_convolution(context, get<Attributes>(context.attributes), c); !status.is_ok()) return status;
  Int8Product product = make_int8_product(context, set, c.patches, c.groups, c.n, c.weights, output);
  return PreparedResult(std::make_unique<Int8Kernel<Int8Product>>(std::move(product), std::move(output)));
}

// The patches of one image, which is quantized as a whole.
HybridImages split_images(gemm::Patches& patches, int64_t channels) {
  const HybridImages images{patches.batch, patches.in_h * patches.in_w * patches.pixel_stride,
                            patches.out_h * patches.out_w * channels};
  patches.batch = 1;
  return images;
}

template <typename Attributes>
PreparedResult prepare_hybrid_product(std::string_view op, const PrepareContext& context, InstructionSet set) {
  const auto& attributes = get<Attributes>(context.attributes);
  Convolution c;
  if (Status status = make_convolution(context, attributes, c); !status.is_ok()) return status;
  const HybridCoding coding = hybrid_coding(attributes, context.inputs[0], context.inputs[1], context.arithmetic);
  HybridOutput output = make_hybrid_output(op, context, c.groups * c.n, c.n, c.patches.depth(), c.weights,
                                           attributes.activation, coding.coding);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  if (coding.row_is_pixel) {
    const gemm::RowQuantizer quantizer{&gemm::quantize_row_kernels(set), coding.coding};
    return PreparedResult(
        std::make_unique<HybridRowsKernel>(Int8Product(gemm::int8_kernels(set), quantizer, c.patches.rows(),
                                                       c.patches.channels, c.n, c.weights, context.weight_memory),
                                           std::move(output)));
  }
  const HybridImages images = split_images(c.patches, c.groups * c.n);
  return PreparedResult(std::make_unique<HybridImageKernel<Int8Product>>(
      Int8Product(gemm::int8_kernels(set), c.patches, c.groups, c.n, c.weights, nullptr, 0, context.weight_memory),
      gemm::quantize_row_kernels(set), images, std::move(output)));
}

}  // namespace

PreparedResult prepare_conv2d_f32(const PrepareContext& context, InstructionSet set) {
  constexpr auto kFloat = ElementType::kFloat32;
  if (!takes(context, kFloat, kFloat, kFloat)) return std::unique_ptr<PreparedKernel>();
  return prepare_f32_product<Conv2dAttributes>(context, set);
}

PreparedResult prepare_depthwise_conv2d_f32(const PrepareContext& context, InstructionSet set) {
  constexpr auto kFloat = ElementType::kFloat32;
  if (!takes(context, kFloat, kFloat, kFloat)) return std::unique_ptr<PreparedKernel>();
  if (has_multiplier(context)) return prepare_f32_product<DepthwiseConv2dAttributes>(context, set);
  gemm::Patches patches;
  if (Status status = make_depthwise_patches(context, patches); !status.is_ok()) return status;
  if (!F32RowTiles::takes(patches)) return std::unique_ptr<PreparedKernel>();
  return PreparedResult(std::make_unique<F32Kernel<F32RowTiles>>(
      F32RowTiles(gemm::f32_kernels(set), {}, nullptr,
                  {patches, context.inputs[1].data, bias_data(context),
                   activation_range(get<DepthwiseConv2dAttributes>(context.attributes).activation)},
                  {}, context.weight_memory)));
}

PreparedResult prepare_conv2d_int8(const PrepareContext& context, InstructionSet set) {
  if (!takes_integers(context)) return std::unique_ptr<PreparedKernel>();
  const Int8Output output =
      make_int8_output("CONV_2D", context, context.inputs[1].shape[0],
                       get<Conv2dAttributes>(context.attributes).activation, ReferenceRounding::kTwice);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  return prepare_int8_product<Conv2dAttributes>(context, output, set);
}

PreparedResult prepare_depthwise_conv2d_int8(const PrepareContext& context, InstructionSet set) {
  if (!takes_integers(context)) return std::unique_ptr<PreparedKernel>();
  const Int8Output output =
      make_int8_output("DEPTHWISE_CONV_2D", context, context.inputs[1].shape[3],
                       get<DepthwiseConv2dAttributes>(context.attributes).activation, ReferenceRounding::kTwice);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  if (has_multiplier(context)) return prepare_int8_product<DepthwiseConv2dAttributes>(context, output, set);
  gemm::Patches patches;
  if (Status status = make_depthwise_patches(context, patches); !status.is_ok()) return status;
  std::vector<int8_t> unpacked;
  return PreparedResult(std::make_unique<Int8Kernel<Int8DepthwiseConvolution>>(
      Int8DepthwiseConvolution(gemm::int8_depthwise_kernels(set, patches.channels), patches,
                               weight_bytes(context.inputs[1], unpacked), bias_data(context), output.input_zero_point,
                               context.weight_memory),
      output));
}

PreparedResult prepare_conv2d_hybrid(const PrepareContext& context, InstructionSet set) {
  if (!takes(context, ElementType::kFloat32, ElementType::kInt8, ElementType::kFloat32)) {
    return std::unique_ptr<PreparedKernel>();
  }
  return prepare_hybrid_product<Conv2dAttributes>("CONV_2D", context, set);
}

PreparedResult prepare_depthwise_conv2d_hybrid(const PrepareContext& context, InstructionSet set) {
  if (!takes(context, ElementType::kFloat32, ElementType::kInt8, ElementType::kFloat32)) {
    return std::unique_ptr<PreparedKernel>();
  }
  if (has_multiplier(context)) {
    return prepare_hybrid_product<DepthwiseConv2dAttributes>("DEPTHWISE_CONV_2D", context, set);
  }
  gemm::Patches patches;
  if (Status status = make_depthwise_patches(context, patches); !status.is_ok()) return status;
  const int64_t channels = patches.channels;
  const auto& attributes = get<DepthwiseConv2dAttributes>(context.attributes);
  const HybridCoding coding = hybrid_coding(attributes, context.inputs[0], context.inputs[1], context.arithmetic);
  HybridOutput output =
      make_hybrid_output("DEPTHWISE_CONV_2D", context, channels, 1, patches.taps(),
                         {context.inputs[1].data, 1, 0, channels}, attributes.activation, coding.coding);
  if (!output.usable) return std::unique_ptr<PreparedKernel>();
  const HybridImages images = split_images(patches, channels);
  return PreparedResult(std::make_unique<HybridImageKernel<Int8DepthwiseConvolution>>(
      Int8DepthwiseConvolution(gemm::int8_depthwise_kernels(set, patches.channels), patches, context.inputs[1].data,
                               nullptr, 0, context.weight_memory),
      gemm::quantize_row_kernels(set), images, std::move(output)));
}

}  // namespace burin
