#include "ops/resize/toolkit.hpp"

namespace burin {

namespace {

int32_t version_resize(const Graph& graph, const Node& node, bool later_sampling) {
  const ElementType type = graph.tensors[node.inputs[0]].type;
  if (type == ElementType::kInt16) return 4;
  return later_sampling ? 3 : type == ElementType::kInt8 ? 2 : 1;
}

}  // namespace

// int16 4; sampling positions that came later 3; int8 2; else 1.
int32_t version_resize_bilinear(const Graph& graph, const Node& node) {
  return version_resize(graph, node, get<ResizeAttributes>(node.attributes).half_pixel_centers);
}

int32_t version_resize_nearest_neighbor(const Graph& graph, const Node& node) {
  const auto& resize = get<ResizeAttributes>(node.attributes);
  return version_resize(graph, node, resize.half_pixel_centers || resize.align_corners);
}

}  // namespace burin
