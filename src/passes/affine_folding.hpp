// The two ways in which a convolution or matrix product absorbs an affine function beside it (channel_affine.hpp);
// fold_batch_norm, fold_rescaling and fold_arithmetic are these, for their operators.
//
// True: folded, and the affine node is gone. False: nothing changed.
#pragma once

#include "graph/rewriter.hpp"
#include "ops/op.hpp"

namespace burin {

// layer -> affine -> ...  becomes  layer' -> ...
// Always exact, the layer may pad. Needs a layer without activation whose output has no other use.
bool fold_into_layer_before(Rewriter& rewriter, NodeId affine);

// affine -> (PAD | PADV2 | RESHAPE)* -> layer -> ...  becomes  (PAD | PADV2 | RESHAPE)* -> layer' -> ...
// Needs an affine output, and tensors on the way, without other use. Zeros that PAD or the layer's SAME padding adds
// behind the affine function become the value that it maps to 0: PAD becomes PADV2, SAME becomes PADV2 and VALID. Where
// there is no such value (a factor of 0, channels that disagree) or no such amount (free height or width) nothing is
// folded, unless there is no offset: then 0 stays 0.
bool fold_into_layer_after(Rewriter& rewriter, NodeId affine);

// Both, on every node of the given operators, until nothing is left to fold.
bool fold_affine(Model& model, std::span<const Op> ops);

}  // namespace burin
