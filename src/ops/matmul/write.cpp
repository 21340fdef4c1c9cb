#include "formats/flatbuffer/table_builder.hpp"
#include "ops/matmul/toolkit.hpp"

namespace burin {

// FullyConnectedOptions (8): fused activation, weights format, keep_num_dims, asymmetric_quantize_inputs.
WrittenOptions write_fully_connected(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const auto& product = get<FullyConnectedAttributes>(node.attributes);
  TableBuilder table(builder);
  table.scalar(0, static_cast<int8_t>(product.activation), int8_t{0});
  table.scalar(2, static_cast<uint8_t>(product.keep_num_dims), uint8_t{0});
  table.scalar(3, static_cast<uint8_t>(product.asymmetric_quantize_inputs), uint8_t{0});
  return {8, table.finish()};
}

}  // namespace burin
