#include "formats/flatbuffer/flat_table.hpp"
#include "ops/reshape/runtime.hpp"

namespace burin {

Status parse_concatenation(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_pack(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_reshape(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_shape(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_squeeze(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_strided_slice(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
