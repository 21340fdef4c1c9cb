#include "formats/flatbuffer/flat_table.hpp"
#include "ops/reduce/runtime.hpp"

namespace burin {

Status parse_reduce(const FlatTable&, Attributes&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
