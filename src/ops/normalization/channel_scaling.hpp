// BATCH_NORMALIZATION and RESCALING as what both are at inference, y = x * factor + shift, on values seen as
// [outer][channels][inner].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/operator.hpp"

namespace burin {

struct ChannelScaling {
  int64_t outer = 0, inner = 1;
  std::vector<float> factor, shift;  // of every channel
};

// `inputs` as the operator has them; the data of all but the first is read.
Status batch_normalization_scaling(std::span<const TensorView> inputs, const Attributes& attributes,
                                   ChannelScaling& scaling);
Status rescaling_scaling(std::span<const TensorView> inputs, const Attributes& attributes, ChannelScaling& scaling);

}  // namespace burin
