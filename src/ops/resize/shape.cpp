#include "ops/operands.hpp"
#include "ops/resize/runtime.hpp"

namespace burin {

Status infer_resize(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  if (input.rank() != 4) return misfit("resize: input has shape " + to_string(input) + ", not 4 dimensions");
  if (input[1] < 1 || input[2] < 1) return misfit("resize: input of shape " + to_string(input) + " is empty");
  std::vector<int64_t> size;
  if (Status status = read_integers("resize", "size", context.inputs[1], size); !status.is_ok()) return status;
  constexpr int64_t kLimit = 1 << 20;  // positions are computed in float32 and in 20 bits
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > kLimit || size[1] > kLimit || input[1] > kLimit ||
      input[2] > kLimit) {
    return misfit("resize: the new size is not a height and a width of 1 to " + std::to_string(kLimit));
  }
  const auto& attributes = get<ResizeAttributes>(context.attributes);
  if (attributes.align_corners && attributes.half_pixel_centers) {
    return misfit("resize: align_corners and half_pixel_centers exclude each other");
  }
  outputs[0] = {context.inputs[0].type,
                Shape{input[0], static_cast<int32_t>(size[0]), static_cast<int32_t>(size[1]), input[3]}};
  return check_size("resize", outputs[0].shape);
}

}  // namespace burin
