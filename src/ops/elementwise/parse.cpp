#include "formats/flatbuffer/flat_table.hpp"
#include "ops/elementwise/runtime.hpp"

namespace burin {

Status parse_arithmetic(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
