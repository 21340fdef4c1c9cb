#include "ops/conv/kernel_chain.hpp"

#include <array>
#include <cstring>
#include <optional>

#include "gemm/f32_row_tiles.hpp"
#include "ops/activation/code_table.hpp"
#include "ops/conv/convolution.hpp"
#include "ops/conv/kernel.hpp"
#include "ops/elementwise/attributes.hpp"
#include "ops/elementwise/loops.hpp"
#include "ops/pad/paddings.hpp"
#include "ops/prepared_product.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using gemm::F32Activation;
using gemm::F32Epilogue;
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

using ActivationLoop = F32Activation ElementLoops::*;

// The links of a chain by their part in it.
struct F32Chain {
  const ChainLink* first = nullptr;
  ImagePadding first_padding;
  ActivationLoop first_activation = nullptr;
  const ChainLink* depthwise = nullptr;
  ImagePadding depthwise_padding;
  ActivationLoop depthwise_activation = nullptr;
  const ChainLink* last = nullptr;
  const ChainLink* addition = nullptr;
  ActivationLoop last_activation = nullptr;
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
  // An activation as one or two links; null: there is none.
  ActivationLoop take_activation() {
    if (position_ >= chain_.size() || chain_[position_].context.outputs[0].type != ElementType::kFloat32) {
      return nullptr;
    }
    const Op op = chain_[position_].op;
    if (op == Op::kHardSwish) return ++position_, &ElementLoops::hard_swish;
    if (op == Op::kTanh) return ++position_, &ElementLoops::tanh;
    if (op != Op::kLogistic) return nullptr;
    ++position_;
    if (position_ >= chain_.size() || !chain_[position_].gates) return &ElementLoops::logistic;
    if (chain_[position_].op == Op::kMul &&
        get<ArithmeticAttributes>(chain_[position_].context.attributes).activation == FusedActivation::kNone) {
      return ++position_, &ElementLoops::silu;
    }
    --position_;
    return nullptr;
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

bool takes_depthwise(const ChainLink& link, const ImagePadding& padding) {
  gemm::Patches patches;
  return make_depthwise_patches(padded(link, padding), patches).is_ok() && F32RowTiles::takes(patches);
}

F32Chain read_row_tiles(std::span<const ChainLink> chain) {
  ChainReader reader(chain);
  F32Chain found;
  found.first = reader.take_padded(is_f32_first, found.first_padding);
  if (found.first != nullptr && !reads_in_place(*found.first, found.first_padding)) return {};
  if (found.first != nullptr) found.first_activation = reader.take_activation();
  found.depthwise = reader.take_padded(is_f32_depthwise, found.depthwise_padding);
  if (found.depthwise == nullptr || !takes_depthwise(*found.depthwise, found.depthwise_padding)) return {};
  found.depthwise_activation = reader.take_activation();
  found.last = reader.take(is_f32_pointwise);
  if (found.last != nullptr) {
    found.addition = reader.take(is_f32_addition);
    found.last_activation = reader.take_activation();
  }
  found.links = reader.position();
  return found;
}

F32Chain read_convolution(std::span<const ChainLink> chain) {
  ChainReader reader(chain);
  F32Chain found;
  found.first = reader.take_padded(is_f32_first, found.first_padding);
  if (found.first == nullptr) return {};
  found.addition = reader.take(is_f32_addition);
  found.last_activation = reader.take_activation();
  found.links = reader.position();
  return found;
}

F32Activation activation_of(ActivationLoop loop, InstructionSet set) {
  return loop == nullptr ? nullptr : element_loops(set).*loop;
}

// Product: F32Product or F32RowTiles.
template <typename Product>
class F32ChainKernel final : public PreparedKernel {
 public:
  F32ChainKernel(Product product, const F32Chain& chain, InstructionSet set) : product_(std::move(product)) {
    epilogue_.activation = activation_of(chain.last_activation, set);
    if (chain.addition == nullptr) return;
    addend_ = chain.addition->first_input + 1 - chain.addition->chained_input;
    epilogue_.clamp = activation_range(get<ArithmeticAttributes>(chain.addition->context.attributes).activation);
  }

  const char* name() const override { return product_.name(); }
  size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }
  size_t packed_bytes() const override { return product_.packed_bytes(); }
  Status run(const runtime::RunContext& context) const override {
    F32Epilogue epilogue = epilogue_;
    if (addend_ != 0) epilogue.addend = context.inputs[addend_].as<float>();
    product_.run(context.inputs[0].as<float>(), context.outputs[0].as<float>(), context.scratch, context.threads,
                 epilogue);
    return {};
  }

 private:
  Product product_;
  size_t addend_ = 0;  // 0: none, since input 0 is the image
  F32Epilogue epilogue_;
};

Status make_product(const PrepareContext& context, InstructionSet set, std::optional<F32Product>& product) {
  const auto& attributes = get<Conv2dAttributes>(context.attributes);
  Convolution c;
  if (Status status = make_convolution(context, attributes, c); !status.is_ok()) return status;
  product.emplace(gemm::f32_kernels(set), c.patches, c.groups, c.n, c.weights, bias_data(context),
                  activation_range(attributes.activation), context.weight_memory);
  return {};
}

bool is_int8_convolution(const ChainLink& link) {
  return is_convolution(link, ElementType::kInt8, ElementType::kInt8, ElementType::kInt32);
}

// One whose output is a function of the code.
bool is_code_function(const ChainLink& link) {
  switch (link.op) {
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kLogistic:
    case Op::kRelu:
    case Op::kRelu6:
    case Op::kReluN1To1:
    case Op::kTanh:
      return link.context.inputs[0].type == ElementType::kInt8 && link.context.outputs[0].type == ElementType::kInt8;
    default:
      return false;
  }
}

bool is_code_gate(const ChainLink& link) {
  return link.gates && link.op == Op::kMul && link.context.outputs[0].type == ElementType::kInt8;
}

struct Int8Chain {
  const ChainLink* convolution = nullptr;
  ImagePadding padding;
  std::span<const ChainLink> activations;
  size_t links = 0;
};

Int8Chain read_int8_chain(std::span<const ChainLink> chain) {
  ChainReader reader(chain);
  Int8Chain found;
  found.convolution = reader.take_padded(is_int8_convolution, found.padding);
  if (found.convolution == nullptr) return {};
  const size_t begin = reader.position();
  size_t end = begin;
  while (end < chain.size() && is_code_function(chain[end])) {
    const bool gated = end + 1 < chain.size() && chain[end + 1].gates;
    if (gated && !is_code_gate(chain[end + 1])) break;
    end += gated ? 2 : 1;
  }
  found.activations = chain.subspan(begin, end - begin);
  found.links = end;
  return found;
}

// A kernel whose codes are looked up in a table.
class CodesKernel final : public PreparedKernel {
 public:
  CodesKernel(std::unique_ptr<PreparedKernel> kernel, const CodeTable& table, CodeLookup look_up)
      : kernel_(std::move(kernel)), table_(table), look_up_(look_up) {}

  const char* name() const override { return kernel_->name(); }
  size_t scratch_bytes(int threads) const override { return kernel_->scratch_bytes(threads); }
  size_t packed_bytes() const override { return kernel_->packed_bytes() + sizeof(table_); }
  Status run(const runtime::RunContext& context) const override {
    Status status = kernel_->run(context);
    if (!status.is_ok()) return status;
    auto* codes = context.outputs[0].as<uint8_t>();
    context.threads.parallel_for(
        context.outputs[0].shape.elements(), runtime::kElementGrain,
        [&](int64_t begin, int64_t end, int) { look_up_(codes + begin, codes + begin, end - begin, table_); });
    return {};
  }

 private:
  std::unique_ptr<PreparedKernel> kernel_;
  CodeTable table_;
  CodeLookup look_up_;
};

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
  F32RowTiles tiles(gemm::f32_kernels(set), std::move(first), activation_of(links.first_activation, set),
                    {patches, depthwise.inputs[1].data, bias_data(depthwise),
                     activation_range(get<DepthwiseConv2dAttributes>(depthwise.attributes).activation),
                     activation_of(links.depthwise_activation, set)},
                    std::move(last), depthwise.weight_memory);
  return PreparedResult(std::make_unique<F32ChainKernel<F32RowTiles>>(std::move(tiles), links, set));
}

size_t match_f32_convolution(std::span<const ChainLink> chain) { return read_convolution(chain).links; }

PreparedResult prepare_f32_convolution(std::span<const ChainLink> chain, InstructionSet set) {
  const F32Chain links = read_convolution(chain);
  std::optional<F32Product> product;
  const Status status = make_product(padded(*links.first, links.first_padding), set, product);
  if (!status.is_ok()) return status;
  return PreparedResult(std::make_unique<F32ChainKernel<F32Product>>(std::move(*product), links, set));
}

size_t match_int8_convolution(std::span<const ChainLink> chain) { return read_int8_chain(chain).links; }

PreparedResult prepare_int8_convolution(std::span<const ChainLink> chain, InstructionSet set) {
  const Int8Chain links = read_int8_chain(chain);
  const PrepareContext context = padded(*links.convolution, links.padding);
  PreparedResult convolution = links.convolution->op == Op::kConv2d ? prepare_conv2d_int8(context, set)
                                                                    : prepare_depthwise_conv2d_int8(context, set);
  if (!convolution.is_ok() || convolution.value() == nullptr || links.activations.empty()) return convolution;
  CodeTable table = every_code();
  for (size_t i = 0; i < links.activations.size(); ++i) {
    const ChainLink& link = links.activations[i];
    const TensorView& input = link.context.inputs[0];
    const MutableTensorView& output = link.context.outputs[0];
    const CodeTable before = table;
    const CodeInput code{&before, input.type, input.quantization};
    Status status =
        make_code_table(link.op, std::span(&code, 1), output, link.context.attributes, link.context.arithmetic, table);
    if (status.is_ok() && i + 1 < links.activations.size() && links.activations[i + 1].gates) {
      const ChainLink& gate = links.activations[++i];
      const CodeTable factors = table;
      std::array<CodeInput, 2> inputs;
      inputs[gate.chained_input] = {&factors, output.type, output.quantization};
      inputs[1 - gate.chained_input] = code;
      status = make_code_table(gate.op, inputs, gate.context.outputs[0], gate.context.attributes,
                               gate.context.arithmetic, table);
    }
    if (!status.is_ok()) return status;
  }
  return PreparedResult(std::make_unique<CodesKernel>(std::move(convolution.value()), table, code_lookup(set)));
}

}  // namespace burin
