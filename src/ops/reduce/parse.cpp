#include "formats/flatbuffer/flat_table.hpp"
#include "ops/reduce/runtime.hpp"

namespace burin {

Status parse_reduce(const FlatTable& options, Attributes& attributes) {
  attributes.emplace<ReduceAttributes>().keep_dims = options.scalar<uint8_t>(0, 0) != 0;
  return {};
}

}  // namespace burin
