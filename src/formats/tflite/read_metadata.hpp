// The TFLite Metadata of a file: its own FlatBuffer ("M001", metadata_schema.fbs) in the buffer that the model calls
// TFLITE_METADATA, and its associated files in a zip archive appended to the `.tflite` file.
#pragma once

#include "formats/flatbuffer/flat_table.hpp"
#include "graph/model.hpp"

namespace burin {

// Fills name, description and labels of `model` where the file has them. Metadata never makes a file unreadable: what
// is missing, compressed or damaged is left out. `root` is the Model table of `file`.
void read_metadata(const FlatBuffer& file, const FlatTable& root, Model& model);

}  // namespace burin
