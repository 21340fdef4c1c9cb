// FULLY_CONNECTED: rows of the input times rows of the weights, each sum over k in ascending order.
#include "ops/matmul/runtime.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

Status evaluate_fully_connected(const EvaluateContext& context) {
  const auto& attributes = get<FullyConnectedAttributes>(context.attributes);
  const Shape& weights = context.inputs[1].shape;
  const WindowAxis one{.input = 1, .output = 1, .kernel = 1};
  const bool asymmetric = attributes.asymmetric_quantize_inputs || context.arithmetic == Arithmetic::kLitert;
  return evaluate_weighted_sum(context,
                               {.op = "FULLY_CONNECTED",
                                .depthwise = false,
                                .batch = context.inputs[0].shape.elements() / weights[1],
                                .height = one,
                                .width = one,
                                .input_channels = weights[1],
                                .output_channels = weights[0],
                                .kernel_channels = weights[1],
                                .activation = attributes.activation,
                                .rounding = ReferenceRounding::kOnce,
                                .coding = {true, asymmetric ? RowCoding::kAsymmetric : RowCoding::kSymmetric}});
}

}  // namespace burin
