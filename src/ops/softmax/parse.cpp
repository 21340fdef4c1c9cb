#include "formats/flatbuffer/flat_table.hpp"
#include "ops/softmax/runtime.hpp"

namespace burin {

Status parse_softmax(const FlatTable& options, Attributes& attributes) {
  attributes.emplace<SoftmaxAttributes>().beta = options.scalar<float>(0, 0.0f);
  return {};
}

}  // namespace burin
