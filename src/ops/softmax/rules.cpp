#include "ops/softmax/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_softmax(const Model&, const Graph&, const Node&) {
  return {};
}

}  // namespace burin
