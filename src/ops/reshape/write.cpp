#include "ops/reshape/toolkit.hpp"

namespace burin {

WrittenOptions write_concatenation(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_pack(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_reshape(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_shape(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_squeeze(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_strided_slice(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

}  // namespace burin
