#include "formats/flatbuffer/flat_table.hpp"
#include "ops/pool/runtime.hpp"

namespace burin {

Status parse_pool2d(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
