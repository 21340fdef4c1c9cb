#include "ops/quantization/toolkit.hpp"

namespace burin {

OperatorQuantization quantization_quantize(const Model&, const Graph&, const Node&) {
  return {};
}

}  // namespace burin
