#include "quantize/layer_sums.hpp"

#include <array>
#include <memory>
#include <type_traits>

#include "burin/error.hpp"
#include "ops/conv/convolution.hpp"
#include "runtime/thread_pool.hpp"

namespace burin {

LayerSums::LayerSums(const Node& node, const Shape& input, const Shape& kernel, std::span<const int8_t> weights,
                     int32_t zero_point)
    : zero_point_(static_cast<int8_t>(zero_point)) {
  const auto* data = reinterpret_cast<const std::byte*>(weights.data());
  const std::array<TensorView, 2> inputs{TensorView{nullptr, ElementType::kInt8, input},
                                         TensorView{data, ElementType::kInt8, kernel}};
  const runtime::PrepareContext context{.inputs = inputs,
                                        .has_input = {},
                                        .outputs = {},
                                        .attributes = node.attributes,
                                        .arithmetic = {},
                                        .input_owners = {}};
  const runtime::InstructionSet set = runtime::instruction_set();
  if (node.op == Op::kDepthwiseConv2d && !has_multiplier(context)) {
    gemm::Patches patches;
    throw_if_error(make_depthwise_patches(context, patches));
    rows_ = static_cast<size_t>(patches.rows());
    product_.emplace<gemm::Int8DepthwiseConvolution>(gemm::int8_depthwise_kernels(set, patches.channels), patches, data,
                                                     nullptr, zero_point);
    return;
  }
  Convolution c;
  if (node.op == Op::kFullyConnected) {
    const int64_t depth = kernel[1];
    c = {gemm::matrix_rows(input.elements() / depth, depth), 1, kernel[0], {data, 0, depth, 1}};
  } else if (node.op == Op::kDepthwiseConv2d) {
    throw_if_error(make_convolution(context, get<DepthwiseConv2dAttributes>(node.attributes), c));
  } else {
    throw_if_error(make_convolution(context, get<Conv2dAttributes>(node.attributes), c));
  }
  rows_ = static_cast<size_t>(c.patches.rows());
  product_.emplace<gemm::Int8Product>(gemm::int8_kernels(set), c.patches, c.groups, c.n, c.weights, nullptr,
                                      zero_point);
}

void LayerSums::run(const int8_t* codes, const gemm::SumsConsumer& consumer, std::vector<std::byte>& scratch) const {
  std::visit(
      [&](const auto& product) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(product)>, std::monostate>) {
          constexpr size_t kAlignment = 64;
          size_t bytes = product.scratch_bytes(1) + kAlignment;
          if (scratch.size() < bytes) scratch.resize(bytes);
          void* start = scratch.data();
          std::align(kAlignment, bytes - kAlignment, start, bytes);
          runtime::ThreadPool alone(1);
          product.run(codes, zero_point_, gemm::Int8Destination::to_consumer(consumer), static_cast<std::byte*>(start),
                      alone);
        }
      },
      product_);
}

}  // namespace burin
