// CONV_2D and DEPTHWISE_CONV_2D.
#include "ops/conv/hybrid_coding.hpp"
#include "ops/conv/runtime.hpp"
#include "ops/weighted_sum.hpp"

namespace burin {

namespace {

template <typename A>
Status evaluate(std::string_view op, bool depthwise, const EvaluateContext& context) {
  const A& attributes = get<A>(context.attributes);
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;
  WeightedSum sum{.op = op,
                  .depthwise = depthwise,
                  .batch = input[0],
                  .height = {},
                  .width = {},
                  .input_channels = input[3],
                  .output_channels = context.outputs[0].shape[3],
                  .kernel_channels = kernel[3],
                  .activation = attributes.activation,
                  .rounding = ReferenceRounding::kTwice,
                  .coding = hybrid_coding(attributes, context.inputs[0], context.inputs[1], context.arithmetic)};
  Status status = make_window_axis(op, "height", attributes.padding, input[1], kernel[1], attributes.stride_h,
                                   attributes.dilation_h, sum.height);
  if (status.is_ok()) {
    status = make_window_axis(op, "width", attributes.padding, input[2], kernel[2], attributes.stride_w,
                              attributes.dilation_w, sum.width);
  }
  return status.is_ok() ? evaluate_weighted_sum(context, sum) : status;
}

}  // namespace

Status evaluate_conv2d(const EvaluateContext& context) { return evaluate<Conv2dAttributes>("CONV_2D", false, context); }

Status evaluate_depthwise_conv2d(const EvaluateContext& context) {
  return evaluate<DepthwiseConv2dAttributes>("DEPTHWISE_CONV_2D", true, context);
}

}  // namespace burin
