// `.keras` (zip of config.json and model.weights.h5) and Keras 3 `.h5` -> Model (kSource).
// No Python code in a file is ever executed: Lambda layers and unknown classes are errors that list every such layer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model.hpp"

namespace burin {

// Kernels come in TFLite's layout. Throws Error; messages name the layer path.
Model read_keras(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive);
Model read_keras_h5(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive);

// The class names that the reader knows, sorted, for `burin list layers`.
std::vector<std::string_view> keras_layers();

}  // namespace burin
