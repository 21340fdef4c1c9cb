#include "formats/flatbuffer/flat_table.hpp"
#include "ops/matmul/runtime.hpp"

namespace burin {

Status parse_fully_connected(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
