#include "ops/elementwise/runtime.hpp"
#include "ops/parse_options.hpp"

namespace burin {

// AddOptions, SubOptions, MulOptions, DivOptions: fused activation.
Status parse_arithmetic(const FlatTable& options, Attributes& attributes) {
  return parse_fused_activation(options, 0, attributes.emplace<ArithmeticAttributes>().activation);
}

}  // namespace burin
