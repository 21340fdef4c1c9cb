#include "ops/pad/paddings.hpp"

namespace burin {

Status read_paddings(std::string_view op, const TensorView& input, const TensorView& paddings, Paddings& result) {
  const int rank = input.shape.rank();
  std::vector<int64_t> values;
  if (Status status = read_integers(op, "paddings", paddings, values); !status.is_ok()) return status;
  if (!(paddings.shape == Shape{rank, 2})) {
    return misfit(std::string(op) + ": paddings of shape " + to_string(paddings.shape) + " for an input of shape " +
                  to_string(input.shape) + "; [rank, 2] is expected");
  }
  result = {};
  for (int i = 0; i < rank; ++i) {
    const int64_t before = values[2 * static_cast<size_t>(i)], after = values[2 * static_cast<size_t>(i) + 1];
    constexpr int64_t kLimit = int64_t{1} << 30;
    if (before < 0 || after < 0 || before > kLimit || after > kLimit || before + after + input.shape[i] > kLimit) {
      return misfit(std::string(op) + ": padding " + std::to_string(before) + ", " + std::to_string(after) +
                    " of dimension " + std::to_string(i) + " is out of range");
    }
    result.before[static_cast<size_t>(i)] = before;
    result.output.append(static_cast<int32_t>(before + after + input.shape[i]));
  }
  return check_size(op, result.output);
}

Status infer_pad(const InferContext& context, std::span<InferredTensor> outputs) {
  Paddings paddings;
  Status status = read_paddings("PAD", context.inputs[0], context.inputs[1], paddings);
  if (!status.is_ok()) return status;
  if (context.inputs.size() > 2 && context.inputs[2].type != context.inputs[0].type) {
    return misfit("PADV2: the constant is " + std::string(name(context.inputs[2].type)) + ", the input " +
                  std::string(name(context.inputs[0].type)));
  }
  if (context.inputs.size() > 2 && context.inputs[2].shape.elements() != 1) {
    return misfit("PADV2: the constant has shape " + to_string(context.inputs[2].shape));
  }
  outputs[0] = {context.inputs[0].type, paddings.output};
  return {};
}

}  // namespace burin
