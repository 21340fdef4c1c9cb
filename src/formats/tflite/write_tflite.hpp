// Model (kBuiltin) -> `.tflite` that stock LiteRT runs. Same model and options, same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/model.hpp"

namespace burin {

// What the file's TFLite Metadata (METADATA_SCHEMA, "TFLITE_METADATA") tells the ecosystem; see metadata.hpp.
struct TfliteMetadata {
  std::string name;
  std::string description;
  // (x - mean) / std makes what the model's float input takes from a picture's 0..255; absent: not an image model.
  struct Normalization {
    std::vector<float> mean;
    std::vector<float> std;
  };
  std::optional<Normalization> normalization;
  std::vector<std::string> labels;  // packed as an associated file; empty: none
};

// `model` is verified kBuiltin. Tensors of graph 0's signature are named serving_default_<input>:0 and
// StatefulPartitionedCall:<k>. Throws Error naming the layer when an operator cannot be written.
std::vector<uint8_t> write_tflite(const Model& model, const TfliteMetadata& metadata = {});

}  // namespace burin
