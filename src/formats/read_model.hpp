// Opens a model file of any format that Burin reads, told apart by content, not by name.
#pragma once

#include <string>

#include "graph/model.hpp"

namespace burin {

enum class SourceFormat : uint8_t { kKeras, kKerasH5, kTflite };

struct SourceModel {
  Model model;
  SourceFormat format;
};

// Throws Error naming the file. For .onnx, .pt and SavedModel the remedy says which tool makes a .keras or .tflite.
SourceModel read_model(const std::string& path);

}  // namespace burin
