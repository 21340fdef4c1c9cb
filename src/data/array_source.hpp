// Samples from an .npz file: `x`, one sample per row, and optionally `y`.
#pragma once

#include <string>

#include "data/dataset.hpp"

namespace burin {

// Arrays are model inputs as they are; pixels are preprocessed only where `format.preprocess` asks for it (kAuto: not).
// Throws Error naming the file: no x, rows that are not the model's input, labels that are no class numbers.
Dataset open_array_dataset(const std::string& path, const InputFormat& format);

}  // namespace burin
