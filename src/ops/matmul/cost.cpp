#include "ops/matmul/toolkit.hpp"

namespace burin {

int64_t multiply_accumulates_fully_connected(const Graph&, const Node&) {
  return 0;
}

}  // namespace burin
