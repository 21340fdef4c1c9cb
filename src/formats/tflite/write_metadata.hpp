// TFLite Metadata as the ecosystem (tflite-support, Android's code generator) reads it: a FlatBuffer of its own with
// identifier "M001". Schema: metadata_schema.fbs 1.1.0 of tflite-support.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/tflite/write_tflite.hpp"

namespace burin {

// The associated file that holds the labels, one a line, in output order.
inline constexpr char kLabelsFile[] = "labels.txt";

bool is_empty(const TfliteMetadata& metadata);
std::vector<uint8_t> write_metadata(const TfliteMetadata& metadata, const Signature& signature);
std::string labels_file(const TfliteMetadata& metadata);

}  // namespace burin
