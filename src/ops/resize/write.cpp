#include "ops/resize/toolkit.hpp"

namespace burin {

WrittenOptions write_resize_bilinear(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

WrittenOptions write_resize_nearest_neighbor(flatbuffers::FlatBufferBuilder&, const Node&) {
  return {};
}

}  // namespace burin
