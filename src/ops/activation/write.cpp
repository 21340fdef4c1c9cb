#include "formats/flatbuffer/table_builder.hpp"
#include "ops/activation/toolkit.hpp"

namespace burin {

// GeluOptions (116): approximate.
WrittenOptions write_gelu(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  TableBuilder table(builder);
  table.scalar(0, static_cast<uint8_t>(get<GeluAttributes>(node.attributes).approximate), uint8_t{0});
  return {116, table.finish()};
}

// LeakyReluOptions (75): alpha.
WrittenOptions write_leaky_relu(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  TableBuilder table(builder);
  table.scalar(0, get<LeakyReluAttributes>(node.attributes).alpha, 0.0f);
  return {75, table.finish()};
}

}  // namespace burin
