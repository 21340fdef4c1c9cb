// Ranges -> the parameters of a full-integer plan.
//
// Activations: int8, asymmetric, scale = (max - min) / 255, zero point nudged so that 0 is exactly a code. Tensors that
// an operator wants to share parameters (see QuantizationRule) form sets with the range of all members; where a
// member's parameters are fixed otherwise, apply() converts between the two. Weights: symmetric, with a floor that
// keeps bias codes below 2^29 and requantization scales above 2^-24 (kernels of zeros, channels that are constant).
#pragma once

#include "graph/model.hpp"
#include "quantize/calibrate.hpp"
#include "quantize/plan.hpp"

namespace burin {

// int8 parameters of a range that contains 0; scale 1 where the range is empty.
Quantization asymmetric_quantization(const CalibratedRange& range);

// The input becomes the picture's own codes (scale 1, zero point -128) where calibration saw only pixels. Operators
// without an integer form stay float. With kInt4 `weights`, those of matrix products (1x1 convolutions,
// FULLY_CONNECTED) become int4, but not in the first and the last layer that has weights.
QuantizationPlan plan_from_ranges(const Model& model, const Calibration& calibration, ElementType io_type,
                                  ElementType weights = ElementType::kInt8);

}  // namespace burin
