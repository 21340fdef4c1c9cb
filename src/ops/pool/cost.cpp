#include "ops/pool/toolkit.hpp"

namespace burin {

int64_t multiply_accumulates_pool2d(const Graph&, const Node&) {
  return 0;
}

}  // namespace burin
