#include "formats/flatbuffer/flat_table.hpp"
#include "ops/resize/runtime.hpp"

namespace burin {

Status parse_resize_bilinear(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_resize_nearest_neighbor(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
