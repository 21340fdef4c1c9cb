#include "ops/conv/toolkit.hpp"

namespace burin {

WrittenOptions write_conv2d(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_depthwise_conv2d(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

}  // namespace burin
