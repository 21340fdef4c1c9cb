#include "formats/flatbuffer/flat_table.hpp"
#include "ops/softmax/runtime.hpp"

namespace burin {

Status parse_softmax(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
