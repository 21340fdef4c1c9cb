#include "formats/flatbuffer/table_builder.hpp"
#include "ops/reduce/toolkit.hpp"

namespace burin {

// ReducerOptions (27): keep_dims.
WrittenOptions write_reduce(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  TableBuilder table(builder);
  table.scalar(0, static_cast<uint8_t>(get<ReduceAttributes>(node.attributes).keep_dims), uint8_t{0});
  return {27, table.finish()};
}

}  // namespace burin
