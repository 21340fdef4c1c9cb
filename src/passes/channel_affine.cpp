#include "passes/channel_affine.hpp"

#include <algorithm>
#include <cmath>

#include "ops/operator.hpp"
#include "ops/rules.hpp"

namespace burin {

namespace {

std::vector<double> constant_doubles(Rewriter& rewriter, TensorId id) {
  const std::vector<float> values = rewriter.model().constant_values<float>(rewriter.tensor(id).constant);
  return {values.begin(), values.end()};
}

bool is_float_constant(Rewriter& rewriter, TensorId id) {
  return is_float(rewriter.graph(), id) && rewriter.tensor(id).constant != kNoId;
}

// One value, or one per element of the last dimension.
bool is_per_channel(const Shape& shape, const Shape& data) {
  if (shape.elements() == 1) return shape.rank() <= data.rank();
  return shape.rank() <= data.rank() && shape.elements() == shape.back() && shape.back() == data.back();
}

std::optional<AffineNode> read_arithmetic(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  for (const size_t constant : {size_t{1}, size_t{0}}) {
    const TensorId input = node.inputs[1 - constant];
    const TensorId operand = node.inputs[constant];
    if (!is_float_constant(rewriter, operand) || !is_float(rewriter.graph(), input)) continue;
    if (rewriter.tensor(input).constant != kNoId) return {};
    const Shape& shape = rewriter.tensor(input).shape;
    if (shape.rank() == 0 || shape != rewriter.tensor(node.outputs[0]).shape) return {};
    if (!is_per_channel(rewriter.tensor(operand).shape, shape)) return {};
    const std::vector<double> values = constant_doubles(rewriter, operand);
    AffineNode result{{std::vector<double>(values.size(), 1.0), std::vector<double>(values.size(), 0.0)}, input};
    ChannelAffine& affine = result.affine;
    switch (node.op) {
      case Op::kAdd:
        affine.offset = values;
        break;
      case Op::kSub:
        for (size_t i = 0; i < values.size(); ++i) {
          affine.scale[i] = constant == 1 ? 1.0 : -1.0;
          affine.offset[i] = constant == 1 ? -values[i] : values[i];
        }
        break;
      case Op::kMul:
        affine.scale = values;
        break;
      case Op::kDiv:
        if (constant == 0) return {};
        for (size_t i = 0; i < values.size(); ++i) affine.scale[i] = 1.0 / values[i];
        break;
      default:
        return {};
    }
    affine.simplify();
    return result;
  }
  return {};
}

}  // namespace

bool ChannelAffine::is_uniform() const {
  return std::ranges::all_of(scale, [&](double value) { return value == scale[0]; }) &&
         std::ranges::all_of(offset, [&](double value) { return value == offset[0]; });
}

bool ChannelAffine::has_offset() const {
  return std::ranges::any_of(offset, [](double value) { return value != 0.0; });
}

bool ChannelAffine::has_scale() const {
  return std::ranges::any_of(scale, [](double value) { return value != 1.0; });
}

bool ChannelAffine::is_finite() const {
  const auto finite = [](double value) { return std::isfinite(value); };
  return std::ranges::all_of(scale, finite) && std::ranges::all_of(offset, finite);
}

void ChannelAffine::simplify() {
  if (!is_uniform()) return;
  scale.resize(1);
  offset.resize(1);
}

std::optional<float> ChannelAffine::preimage(double value) const {
  constexpr int kMaxFractionBits = 16;
  const auto is_exact = [&](float x) {
    for (size_t i = 0; i < size(); ++i) {
      const float product = x * static_cast<float>(scale[i]);
      if (product + static_cast<float>(offset[i]) != static_cast<float>(value)) return false;
    }
    return true;
  };
  if (!is_finite() || std::ranges::any_of(scale, [](double factor) { return factor == 0.0; })) return {};
  const double wanted = (value - offset[0]) / scale[0];
  for (int bits = 0; bits <= kMaxFractionBits; ++bits) {
    const auto candidate = static_cast<float>(std::ldexp(std::rint(std::ldexp(wanted, bits)), -bits));
    if (is_exact(candidate)) return candidate;
  }
  const auto nearest = static_cast<float>(wanted);
  if (!std::isfinite(nearest)) return {};
  for (size_t i = 0; i < size(); ++i) {
    const double error = nearest * scale[i] + offset[i] - value;
    if (!(std::abs(error) <= 1e-7 * std::max(std::abs(offset[i]), std::abs(value)))) return {};
  }
  return nearest;
}

std::optional<ChannelAffine> read_batch_normalization(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  const auto& attributes = get<BatchNormalizationAttributes>(node.attributes);
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (!is_float_constant(rewriter, node.inputs[i])) return {};
  }
  const std::vector<double> variance = constant_doubles(rewriter, node.inputs.back());
  const std::vector<double> mean = constant_doubles(rewriter, node.inputs[node.inputs.size() - 2]);
  const size_t channels = variance.size();
  ChannelAffine affine{std::vector<double>(channels, 1.0), std::vector<double>(channels, 0.0)};
  if (attributes.scale) affine.scale = constant_doubles(rewriter, node.inputs[1]);
  if (attributes.center) affine.offset = constant_doubles(rewriter, node.inputs[attributes.scale ? 2 : 1]);
  for (size_t i = 0; i < channels; ++i) {
    affine.scale[i] /= std::sqrt(variance[i] + static_cast<double>(attributes.epsilon));
    affine.offset[i] -= mean[i] * affine.scale[i];
  }
  return affine;
}

ChannelAffine read_rescaling(Rewriter& rewriter, NodeId id) {
  const auto& attributes = get<RescalingAttributes>(rewriter.node(id).attributes);
  ChannelAffine affine{{attributes.scale.begin(), attributes.scale.end()},
                       {attributes.offset.begin(), attributes.offset.end()}};
  const size_t channels = std::max(affine.scale.size(), affine.offset.size());
  affine.scale.resize(channels, affine.scale[0]);
  affine.offset.resize(channels, affine.offset[0]);
  affine.simplify();
  return affine;
}

std::optional<AffineNode> read_affine(Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  switch (node.op) {
    case Op::kBatchNormalization: {
      const int rank = rewriter.tensor(node.inputs[0]).shape.rank();
      const int32_t axis = get<BatchNormalizationAttributes>(node.attributes).axis;
      if (axis != -1 && axis != rank - 1) return {};
      const auto affine = read_batch_normalization(rewriter, id);
      if (!affine) return {};
      return AffineNode{*affine, node.inputs[0]};
    }
    case Op::kRescaling:
      if (!is_float(rewriter.graph(), node.inputs[0])) return {};
      return AffineNode{read_rescaling(rewriter, id), node.inputs[0]};
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
      return read_arithmetic(rewriter, id);
    default:
      return {};
  }
}

void replace_by_arithmetic(Rewriter& rewriter, NodeId id, const ChannelAffine& affine, int axis) {
  const TensorId input = rewriter.node(id).inputs[0];
  const TensorId output = rewriter.node(id).outputs[0];
  const std::string name = rewriter.tensor(output).name;
  const std::string origin = origin_of(rewriter.tensor(output));
  const auto operand = [&](const char* what, const std::vector<double>& values) {
    // Broadcasts from the right: one value, or [channels, 1, ...] down to `axis`.
    Shape shape;
    if (values.size() > 1) {
      shape.append(static_cast<int32_t>(values.size()));
      for (int i = axis + 1; i < rewriter.tensor(input).shape.rank(); ++i) shape.append(1);
    }
    return rewriter.add_constant(name + what, origin + what, ElementType::kFloat32, shape,
                                 std::vector<float>(values.begin(), values.end()));
  };
  rewriter.remove_node(id);
  const bool multiplies = affine.has_scale() || !affine.has_offset();
  TensorId product = input;
  if (multiplies) {
    product = affine.has_offset() ? rewriter.add_tensor_like(output, name + "/mul") : output;
    rewriter.add_node({Op::kMul, {input, operand("/scale", affine.scale)}, {product}, ArithmeticAttributes{}});
  }
  if (affine.has_offset()) {
    rewriter.add_node({Op::kAdd, {product, operand("/offset", affine.offset)}, {output}, ArithmeticAttributes{}});
  }
}

}  // namespace burin
