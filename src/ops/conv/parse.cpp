#include "formats/flatbuffer/flat_table.hpp"
#include "ops/conv/runtime.hpp"

namespace burin {

Status parse_conv2d(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status parse_depthwise_conv2d(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
