#include "formats/flatbuffer/table_builder.hpp"
#include "ops/elementwise/toolkit.hpp"

namespace burin {

// AddOptions (11), MulOptions (21), SubOptions (28), DivOptions (29): fused activation. AddOptions and SubOptions have
// a second field, pot_scale_int16, whose default asks int16 for scales that are powers of two.
WrittenOptions write_arithmetic(flatbuffers::FlatBufferBuilder& builder, const Node& node) {
  const bool sum = node.op == Op::kAdd || node.op == Op::kSub;
  TableBuilder table(builder);
  table.scalar(0, static_cast<int8_t>(get<ArithmeticAttributes>(node.attributes).activation), int8_t{0});
  if (sum) table.scalar(1, uint8_t{0}, uint8_t{1});
  const uint32_t offset = table.finish();
  switch (node.op) {
    case Op::kAdd:
      return {11, offset};
    case Op::kMul:
      return {21, offset};
    case Op::kSub:
      return {28, offset};
    default:
      return {29, offset};
  }
}

}  // namespace burin
