// The activation that a convolution, pool, product or sum applies to its own output.
#pragma once

#include <cstdint>

namespace burin {

// Values are ActivationFunctionType of the TFLite schema. TANH and SIGN_BIT are refused by the reader.
enum class FusedActivation : uint8_t { kNone = 0, kRelu = 1, kReluN1To1 = 2, kRelu6 = 3 };

struct FloatRange {
  float min;
  float max;
};
// The interval that the activation clamps to; kNone: minus to plus infinity.
FloatRange activation_range(FusedActivation activation);

}  // namespace burin
