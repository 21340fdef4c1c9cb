#include "formats/flatbuffer/flat_table.hpp"
#include "ops/activation/runtime.hpp"

namespace burin {

Status parse_gelu(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_leaky_relu(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
