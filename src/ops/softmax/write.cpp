#include "formats/flatbuffer/table_builder.hpp"
#include "ops/softmax/toolkit.hpp"

namespace burin {

// SoftmaxOptions (9): beta.
WrittenOptions write_softmax(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  TableBuilder table(builder);
  table.scalar(0, get<SoftmaxAttributes>(node.attributes).beta, 0.0f);
  return {9, table.finish()};
}

}  // namespace burin
