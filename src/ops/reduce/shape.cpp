#include "ops/reduce/axes.hpp"

namespace burin {

Status read_axes(std::string_view op, const TensorView& input, const TensorView& axes, bool keep_dims,
                 ReducedAxes& result) {
  std::vector<int64_t> values;
  if (Status status = read_integers(op, "axes", axes, values); !status.is_ok()) return status;
  result = {};
  for (int64_t value : values) {
    int axis;
    if (!normalize_axis(value, input.shape.rank(), axis)) {
      return misfit(std::string(op) + ": input of shape " + to_string(input.shape) + " has no axis " +
                    std::to_string(value));
    }
    result.reduced[static_cast<size_t>(axis)] = true;
  }
  for (int i = 0; i < input.shape.rank(); ++i) {
    if (!result.reduced[static_cast<size_t>(i)]) {
      result.output.append(input.shape[i]);
    } else if (keep_dims) {
      result.output.append(1);
    }
  }
  return {};
}

Status infer_reduce(const InferContext& context, std::span<InferredTensor> outputs) {
  ReducedAxes axes;
  const bool keep_dims = get<ReduceAttributes>(context.attributes).keep_dims;
  if (Status status = read_axes("reduction", context.inputs[0], context.inputs[1], keep_dims, axes); !status.is_ok()) {
    return status;
  }
  outputs[0] = {context.inputs[0].type, axes.output};
  return {};
}

}  // namespace burin
