#include "ops/matmul/runtime.hpp"
#include "ops/parse_options.hpp"

namespace burin {

// FullyConnectedOptions: fused activation, weights format, keep_num_dims, asymmetric_quantize_inputs.
Status parse_fully_connected(const FlatTable& options, Attributes& attributes) {
  auto& product = attributes.emplace<FullyConnectedAttributes>();
  product.keep_num_dims = options.scalar<uint8_t>(2, 0) != 0;
  product.asymmetric_quantize_inputs = options.scalar<uint8_t>(3, 0) != 0;
  if (options.scalar<int8_t>(1, 0) != 0) {
    return Status(StatusCode::kUnsupported, "weights in a shuffled format",
                  "convert the model again without weight shuffling");
  }
  return parse_fused_activation(options, 0, product.activation);
}

}  // namespace burin
