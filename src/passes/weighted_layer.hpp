// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with constant float weights: the layers that absorb the affine
// functions (channel_affine.hpp) on either side.
#pragma once

#include "passes/channel_affine.hpp"

namespace burin {

bool is_weighted_layer(Rewriter& rewriter, NodeId id);

// How many rows and columns a layer pads before and after its input.
struct SpatialPadding {
  int32_t top = 0, bottom = 0, left = 0, right = 0;

  bool is_zero() const { return top == 0 && bottom == 0 && left == 0 && right == 0; }
};
// Rows (or columns) that SAME padding adds in all; half of them, rounded down, before.
int32_t same_padding(int32_t size, int32_t filter, int32_t stride, int32_t dilation);
// Nothing where the amounts depend on a free height or width.
std::optional<SpatialPadding> padding_of(Rewriter& rewriter, NodeId layer);
void set_valid_padding(Rewriter& rewriter, NodeId layer);

// PAD or PADV2 of `input` by the rows and columns of `padding`; returns the padded tensor, named after `name`.
TensorId add_padding(Rewriter& rewriter, TensorId input, const SpatialPadding& padding, float value,
                     const std::string& name);

// layer -> affine becomes layer: kernel and bias are scaled per output channel. False, and nothing changed, where the
// channels do not match or a result is not finite. The caller removes the affine node.
bool fold_into_outputs(Rewriter& rewriter, NodeId layer, const ChannelAffine& affine);
// affine -> layer becomes layer, which must not pad (or the padding must stand for what the affine function maps to the
// value that was padded before). Channel i of the affine function is element i modulo affine.size() of the layer's
// input channels (FULLY_CONNECTED: of a row). Conditions as above.
bool fold_into_inputs(Rewriter& rewriter, NodeId layer, const ChannelAffine& affine);

// Origin for the bias of a layer that has none: beside its kernel.
std::string bias_origin(Rewriter& rewriter, NodeId layer);

}  // namespace burin
