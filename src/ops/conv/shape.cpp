#include "ops/conv/runtime.hpp"
#include "ops/conv/window.hpp"

namespace burin {

namespace {

Status check_bias(std::string_view op, const InferContext& context, int32_t channels) {
  if (context.inputs.size() < 3 || !context.has_input[2]) return {};
  const Shape& bias = context.inputs[2].shape;
  if (bias.elements() == channels) return {};
  return misfit(std::string(op) + ": bias has shape " + to_string(bias) + " for " + std::to_string(channels) +
                " output channels");
}

template <typename A>
Status infer_windows(std::string_view op, const InferContext& context, const A& attributes, int32_t channels,
                     InferredTensor& output) {
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;
  WindowAxis height, width;
  if (Status status = make_window_axis(op, "height", attributes.padding, input[1], kernel[1], attributes.stride_h,
                                       attributes.dilation_h, height);
      !status.is_ok()) {
    return status;
  }
  if (Status status = make_window_axis(op, "width", attributes.padding, input[2], kernel[2], attributes.stride_w,
                                       attributes.dilation_w, width);
      !status.is_ok()) {
    return status;
  }
  if (Status status = check_bias(op, context, channels); !status.is_ok()) return status;
  output.type = context.inputs[0].type;
  output.shape = Shape{input[0], height.output, width.output, channels};
  return check_size(op, output.shape);
}

Status check_ranks(std::string_view op, const InferContext& context) {
  const Shape& input = context.inputs[0].shape;
  const Shape& kernel = context.inputs[1].shape;
  if (input.rank() != 4)
    return misfit(std::string(op) + ": input has shape " + to_string(input) + ", not 4 dimensions");
  if (kernel.rank() != 4) {
    return misfit(std::string(op) + ": kernel has shape " + to_string(kernel) + ", not 4 dimensions");
  }
  if (kernel.elements() <= 0) return misfit(std::string(op) + ": kernel of shape " + to_string(kernel) + " is empty");
  if (input[3] <= 0) return misfit(std::string(op) + ": input has no channels");
  return {};
}

}  // namespace

Status infer_conv2d(const InferContext& context, std::span<InferredTensor> outputs) {
  if (Status status = check_ranks("CONV_2D", context); !status.is_ok()) return status;
  const int32_t channels = context.inputs[0].shape[3];
  const Shape& kernel = context.inputs[1].shape;
  if (channels % kernel[3] != 0) {
    return misfit("CONV_2D: input has " + std::to_string(channels) + " channels, the kernel " +
                  std::to_string(kernel[3]));
  }
  const int32_t groups = channels / kernel[3];
  if (kernel[0] % groups != 0) {
    return misfit("CONV_2D: " + std::to_string(kernel[0]) + " output channels do not divide into " +
                  std::to_string(groups) + " groups");
  }
  return infer_windows("CONV_2D", context, get<Conv2dAttributes>(context.attributes), kernel[0], outputs[0]);
}

Status infer_depthwise_conv2d(const InferContext& context, std::span<InferredTensor> outputs) {
  if (Status status = check_ranks("DEPTHWISE_CONV_2D", context); !status.is_ok()) return status;
  const int32_t channels = context.inputs[0].shape[3];
  const Shape& kernel = context.inputs[1].shape;
  if (kernel[0] != 1)
    return misfit("DEPTHWISE_CONV_2D: the kernel's first dimension is " + std::to_string(kernel[0]) + ", not 1");
  // The multiplier follows from the shapes; TFLite ignores the attribute where they disagree.
  if (kernel[3] % channels != 0) {
    return misfit("DEPTHWISE_CONV_2D: input has " + std::to_string(channels) + " channels, the kernel " +
                  std::to_string(kernel[3]) + ", not a multiple");
  }
  return infer_windows("DEPTHWISE_CONV_2D", context, get<DepthwiseConv2dAttributes>(context.attributes), kernel[3],
                       outputs[0]);
}

}  // namespace burin
