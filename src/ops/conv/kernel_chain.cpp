#include "ops/conv/kernel_chain.hpp"

#include <cstring>
#include <optional>

#include "gemm/f32_row_tiles.hpp"
#include "ops/conv/convolution.hpp"
#include "ops/conv/kernel.hpp"
#include "ops/elementwise/attributes.hpp"
#include "ops/pad/paddings.hpp"
#include "ops/prepared_product.hpp"

namespace burin {

namespace {

using gemm::F32Addition;
using gemm::F32Product;
using gemm::F32RowTiles;
using runtime::ChainLink;
using runtime::ImagePadding;
using runtime::InstructionSet;
using runtime::PrepareContext;
using runtime::PreparedKernel;
using runtime::PreparedResult;

// Types, constant weights and bias, nothing empty; whether or not their data is known yet.
bool is_convolution(const ChainLink& link, ElementType activations, ElementType weights, ElementType bias) {
  if (link.op != Op::kConv2d && link.op != Op::kDepthwiseConv2d) return false;
  const PrepareContext& c = link.context;
  const bool has_bias = c.inputs.size() > 2 && c.has_input[2];
  return link.chained_input == 0 && c.inputs[0].type == activations && c.outputs[0].type == activations &&
         c.inputs[1].type == weights && c.is_constant(1) &&
         (!has_bias || (c.inputs[2].type == bias && c.is_constant(2))) && c.outputs[0].shape.elements() > 0 &&
         c.inputs[1].shape.elements() > 0;
}

bool is_f32_convolution(const ChainLink& link) {
  constexpr auto kFloat = ElementType::kFloat32;
  return is_convolution(link, kFloat, kFloat, kFloat);
}

bool is_f32_depthwise(const ChainLink& link) {
  return link.op == Op::kDepthwiseConv2d && is_f32_convolution(link) && !has_multiplier(link.context);
}

// A product of the rows of its input as they lie in memory.
bool is_f32_pointwise(const ChainLink& link) {
  if (link.op != Op::kConv2d || !is_f32_convolution(link)) return false;
  const auto& attributes = get<Conv2dAttributes>(link.context.attributes);
  const Shape& kernel = link.context.inputs[1].shape;
  return kernel[1] == 1 && kernel[2] == 1 && attributes.stride_h == 1 && attributes.stride_w == 1 &&
         kernel[3] == link.context.inputs[0].shape[3];
}

// A sum of two computed tensors of one shape.
bool is_f32_addition(const ChainLink& link) {
  if (link.op != Op::kAdd) return false;
  const PrepareContext& c = link.context;
  const size_t other = 1 - link.chained_input;
  return c.inputs[other].type == ElementType::kFloat32 && !c.is_constant(other) &&
         c.inputs[0].shape == c.inputs[1].shape;
}

// Padding of rows and columns only that does not change the quantization.
std::optional<ImagePadding> image_padding(const ChainLink& link) {
  const PrepareContext& c = link.context;
  if ((link.op != Op::kPad && link.op != Op::kPadV2) || link.chained_input != 0 || c.inputs[0].shape.rank() != 4 ||
      c.inputs[0].shape.elements() == 0 || c.inputs[1].data == nullptr) {
    return {};
  }
  Paddings paddings;
  if (!read_paddings("PAD", c.inputs[0], c.inputs[1], paddings).is_ok()) return {};
  const Shape& input = c.inputs[0].shape;
  if (paddings.output[0] != input[0] || paddings.output[3] != input[3]) return {};
  ImagePadding padding{paddings.before[1], paddings.output[1] - input[1] - paddings.before[1], paddings.before[2],
                       paddings.output[2] - input[2] - paddings.before[2]};
  const ElementType type = c.inputs[0].type;
  if (type == ElementType::kInt8) {
    AffineParameters before, after;
    if (!read_affine("PAD", "input", c.inputs[0], before).is_ok() ||
        !read_affine("PAD", "output", c.outputs[0], after).is_ok() || before != after) {
      return {};
    }
    padding.code = before.zero_point;
  }
  if (link.op == Op::kPadV2) {
    if (c.inputs[2].data == nullptr || c.inputs[2].type != type) return {};
    int8_t code = 0;
    if (type == ElementType::kInt8) std::memcpy(&code, c.inputs[2].data, sizeof(code)), padding.code = code;
    if (type == ElementType::kFloat32) std::memcpy(&padding.value, c.inputs[2].data, sizeof(padding.value));
  }
  return padding;
}

Padding padding_of(const ChainLink& convolution) {
  const Attributes& attributes = convolution.context.attributes;
  return convolution.op == Op::kConv2d ? get<Conv2dAttributes>(attributes).padding
                                       : get<DepthwiseConv2dAttributes>(attributes).padding;
}

// The padding becomes the convolution's, unless that pads by itself with another value.
std::optional<ImagePadding> padding_before(const ChainLink& pad, const ChainLink& convolution) {
  std::optional<ImagePadding> padding = image_padding(pad);
  if (!padding || padding_of(convolution) == Padding::kValid) return padding;
  if (padding->value != 0) return {};
  AffineParameters input;
  if (pad.context.inputs[0].type == ElementType::kInt8 &&
      (!read_affine("PAD", "input", pad.context.inputs[0], input).is_ok() || padding->code != input.zero_point)) {
    return {};
  }
  return padding;
}

// The links of a chain by their part in it.
struct F32Chain {
  const ChainLink* first = nullptr;
  ImagePadding first_padding;
  const ChainLink* depthwise = nullptr;
  ImagePadding depthwise_padding;
  const ChainLink* last = nullptr;
  const ChainLink* addition = nullptr;
  size_t links = 0;
};

// Reads links one after the other while they fit.
class ChainReader {
 public:
  explicit ChainReader(std::span<const ChainLink> chain) : chain_(chain) {}

  size_t position() const { return position_; }
  const ChainLink* take(bool (*fits)(const ChainLink&)) {
    return position_ < chain_.size() && fits(chain_[position_]) ? &chain_[position_++] : nullptr;
  }
  // Takes a PAD only before a link that fits.
  const ChainLink* take_padded(bool (*fits)(const ChainLink&), ImagePadding& padding) {
    if (const ChainLink* link = take(fits)) return link;
    if (position_ + 1 >= chain_.size() || !fits(chain_[position_ + 1])) return nullptr;
    const std::optional<ImagePadding> found = padding_before(chain_[position_], chain_[position_ + 1]);
    if (!found) return nullptr;
    padding = *found;
    position_ += 2;
    return &chain_[position_ - 1];
  }

 private:
  std::span<const ChainLink> chain_;
  size_t position_ = 0;
};

bool is_f32_first(const ChainLink& link) { return link.op == Op::kConv2d && is_f32_convolution(link); }

PrepareContext padded(const ChainLink& link, const ImagePadding& padding) {
  PrepareContext context = link.context;
  context.padding = padding;
  return context;
}

// Whether the rows of the convolution can be made by row tiles.
bool reads_in_place(const ChainLink& link, const ImagePadding& padding) {
  Convolution c;
  const PrepareContext context = padded(link, padding);
  return make_convolution(context, get<Conv2dAttributes>(context.attributes), c).is_ok() &&
         F32Product::reads_in_place(c.patches, c.groups);
}

F32Chain read_row_tiles(std::span<const ChainLink> chain) {
  ChainReader reader(chain);
  F32Chain found;
  found.first = reader.take_padded(is_f32_first, found.first_padding);
  if (found.first != nullptr && !reads_in_place(*found.first, found.first_padding)) return {};
  found.depthwise = reader.take_padded(is_f32_depthwise, found.depthwise_padding);
  if (found.depthwise == nullptr) return {};
  found.links = reader.position();
  found.last = reader.take(is_f32_pointwise);
  if (found.last != nullptr) {
    found.links = reader.position();
    found.addition = reader.take(is_f32_addition);
    found.links = reader.position();
  }
  return found;
}

F32Chain read_convolution(std::span<const ChainLink> chain) {
  ChainReader reader(chain);
  F32Chain found;
  found.first = reader.take_padded(is_f32_first, found.first_padding);
  if (found.first == nullptr) return {};
  found.addition = reader.take(is_f32_addition);
  found.links = reader.position();
  return found;
}

// Product: F32Product or F32RowTiles.
template <typename Product>
class F32ChainKernel final : public PreparedKernel {
 public:
  F32ChainKernel(Product product, const ChainLink* addition) : product_(std::move(product)) {
    if (addition == nullptr) return;
    addend_ = addition->first_input + 1 - addition->chained_input;
    range_ = activation_range(get<ArithmeticAttributes>(addition->context.attributes).activation);
  }

  const char* name() const override { return product_.name(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  size_t packed_bytes() const override { return product_.packed_bytes(); }
  Status run(const runtime::RunContext& context) const override {
    F32Addition addition;
    if (addend_ != 0) addition = {context.inputs[addend_].as<float>(), range_};
    product_.run(context.inputs[0].as<float>(), context.outputs[0].as<float>(), context.scratch, context.threads,
                 addition);
    return {};
  }

 private:
  Product product_;
  size_t addend_ = 0;  // 0: none, since input 0 is the image
  FloatRange range_ = activation_range(FusedActivation::kNone);
};

Status make_product(const PrepareContext& context, InstructionSet set, std::optional<F32Product>& product) {
  const auto& attributes = get<Conv2dAttributes>(context.attributes);
  Convolution c;
  if (Status status = make_convolution(context, attributes, c); !status.is_ok()) return status;
  product.emplace(gemm::f32_kernels(set), c.patches, c.groups, c.n, c.weights, bias_data(context),
                  activation_range(attributes.activation));
  return {};
}

bool is_int8_convolution(const ChainLink& link) {
  return is_convolution(link, ElementType::kInt8, ElementType::kInt8, ElementType::kInt32);
}

}  // namespace

size_t match_f32_row_tiles(std::span<const ChainLink> chain) { return read_row_tiles(chain).links; }

PreparedResult prepare_f32_row_tiles(std::span<const ChainLink> chain, InstructionSet set) {
  const F32Chain links = read_row_tiles(chain);
  std::optional<F32Product> first, last;
  if (links.first != nullptr) {
    const Status status = make_product(padded(*links.first, links.first_padding), set, first);
    if (!status.is_ok()) return status;
  }
  const PrepareContext depthwise = padded(*links.depthwise, links.depthwise_padding);
  gemm::Patches patches;
  if (const Status status = make_depthwise_patches(depthwise, patches); !status.is_ok()) return status;
  if (links.last != nullptr) {
    const Status status = make_product(links.last->context, set, last);
    if (!status.is_ok()) return status;
  }
  F32RowTiles tiles(gemm::f32_kernels(set), std::move(first),
                    {patches, depthwise.inputs[1].data, bias_data(depthwise),
                     activation_range(get<DepthwiseConv2dAttributes>(depthwise.attributes).activation)},
                    std::move(last));
  return PreparedResult(std::make_unique<F32ChainKernel<F32RowTiles>>(std::move(tiles), links.addition));
}

size_t match_f32_convolution(std::span<const ChainLink> chain) { return read_convolution(chain).links; }

PreparedResult prepare_f32_convolution(std::span<const ChainLink> chain, InstructionSet set) {
  const F32Chain links = read_convolution(chain);
  std::optional<F32Product> product;
  const Status status = make_product(padded(*links.first, links.first_padding), set, product);
  if (!status.is_ok()) return status;
  return PreparedResult(std::make_unique<F32ChainKernel<F32Product>>(std::move(*product), links.addition));
}

size_t match_int8_padded_convolution(std::span<const ChainLink> chain) {
  return chain.size() > 1 && is_int8_convolution(chain[1]) && padding_before(chain[0], chain[1]) ? 2 : 0;
}

PreparedResult prepare_int8_padded_convolution(std::span<const ChainLink> chain, InstructionSet set) {
  const PrepareContext context = padded(chain[1], *padding_before(chain[0], chain[1]));
  return chain[1].op == Op::kConv2d ? prepare_conv2d_int8(context, set) : prepare_depthwise_conv2d_int8(context, set);
}

}  // namespace burin
