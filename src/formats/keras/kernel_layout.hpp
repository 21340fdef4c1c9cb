// Keras stores kernels with the output channel last, TFLite first.
#pragma once

#include "formats/keras/weights.hpp"

namespace burin {

// [..., O] -> [O, ...], as shape `result` (whose first dimension is O).
WeightValues output_first(const WeightValues& kernel, const Shape& result);

}  // namespace burin
