#include "ops/conv/window.hpp"
#include "ops/pool/runtime.hpp"

namespace burin {

Status infer_pool2d(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  const auto& attributes = get<Pool2dAttributes>(context.attributes);
  if (input.rank() != 4) return misfit("pool: input has shape " + to_string(input) + ", not 4 dimensions");
  WindowAxis height, width;
  Status status = make_window_axis("pool", "height", attributes.padding, input[1], attributes.filter_h,
                                   attributes.stride_h, 1, height);
  if (!status.is_ok()) return status;
  status = make_window_axis("pool", "width", attributes.padding, input[2], attributes.filter_w, attributes.stride_w, 1,
                            width);
  if (!status.is_ok()) return status;
  outputs[0] = {context.inputs[0].type, Shape{input[0], height.output, width.output, input[3]}};
  return check_size("pool", outputs[0].shape);
}

}  // namespace burin
