#include "formats/flatbuffer/flat_table.hpp"
#include "ops/activation/runtime.hpp"

namespace burin {

Status parse_gelu(const FlatTable& options, Attributes& attributes) {
  attributes.emplace<GeluAttributes>().approximate = options.scalar<uint8_t>(0, 0) != 0;
  return {};
}

Status parse_leaky_relu(const FlatTable& options, Attributes& attributes) {
  attributes.emplace<LeakyReluAttributes>().alpha = options.scalar<float>(0, 0.0f);
  return {};
}

}  // namespace burin
