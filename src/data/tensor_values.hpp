// Real values in and out of a Program: float inputs become what the input tensor stores, outputs become float.
// Codes: clamp(rint(x / scale) + zero_point), round half to even, as QUANTIZE does; NaN becomes the zero point.
#pragma once

#include <span>
#include <vector>

#include "burin/tensor_types.hpp"

namespace burin {

// values.size() is the number of elements of `tensor`. Throws Error for element types that cannot hold numbers.
void store_values(std::span<const float> values, const MutableTensorView& tensor);

std::vector<float> real_values(const TensorView& tensor);

}  // namespace burin
