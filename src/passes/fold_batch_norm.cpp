// conv -> BATCH_NORMALIZATION -> y            becomes    conv' -> y          kernel'[o] = kernel[o] * scale[o]
//                                                                            bias'[o] = bias[o] * scale[o] + offset[o]
//
// x -> BATCH_NORMALIZATION -> conv -> y       becomes    x -> conv' -> y     kernel'[o,i] = kernel[o,i] * scale[i]
//                                                                            bias'[o] = bias[o] + sum of kernel[o,i] *
//                                                                            offset[i]
//
// with scale = gamma / sqrt(variance + epsilon), offset = beta - mean * scale. "conv" is CONV_2D, DEPTHWISE_CONV_2D or
// FULLY_CONNECTED. affine_folding.hpp says when: in particular no activation and no other use in between, and in the
// second form what becomes of padding. What is not folded here is left to lower_batch_norm.
#include <array>

#include "passes/affine_folding.hpp"
#include "passes/passes.hpp"

namespace burin {

bool fold_batch_norm(Model& model) { return fold_affine(model, std::array{Op::kBatchNormalization}); }

}  // namespace burin
