// y = scale * x + offset along the last dimension: what batch normalization, rescaling, and arithmetic with a constant
// have in common, and what passes fold into the convolution or the matrix product beside it. In double: results are
// rounded to float once.
#pragma once

#include <optional>
#include <vector>

#include "graph/rewriter.hpp"

namespace burin {

struct ChannelAffine {
  // As many scales as offsets: one for all channels, or one per channel.
  std::vector<double> scale;
  std::vector<double> offset;

  size_t size() const { return scale.size(); }
  bool is_uniform() const;
  bool has_offset() const;
  bool has_scale() const;
  bool is_finite() const;
  // Uniform ones become a single channel.
  void simplify();
  // The float that stands for `value` of y in x, the same for every channel; nothing where there is none.
  // Prefers the shortest binary fraction that float arithmetic maps to `value`: 127.5 for x / 127.5 - 1 and 0.
  std::optional<float> preimage(double value) const;
};

// The node as an affine function of `input`, one of its inputs; its fused activation is the caller's business.
struct AffineNode {
  ChannelAffine affine;
  TensorId input = kNoId;
};
// BATCH_NORMALIZATION (over the last dimension) and RESCALING; ADD, SUB, MUL, DIV of a float tensor and a constant of
// one value or one per channel. Nothing for other nodes and shapes.
std::optional<AffineNode> read_affine(Rewriter& rewriter, NodeId id);

// BATCH_NORMALIZATION over any dimension.
std::optional<ChannelAffine> read_batch_normalization(Rewriter& rewriter, NodeId id);
ChannelAffine read_rescaling(Rewriter& rewriter, NodeId id);

// node -> MUL -> ADD (without a factor of 1 and a term of 0) over dimension `axis`, in place of `id`.
void replace_by_arithmetic(Rewriter& rewriter, NodeId id, const ChannelAffine& affine, int axis);

}  // namespace burin
