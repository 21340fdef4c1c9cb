#include <algorithm>

#include "ops/operands.hpp"
#include "ops/reshape/indexing.hpp"
#include "ops/reshape/runtime.hpp"

namespace burin {

namespace {

// Output of a slice or transpose: the input's type and the planned shape.
Status infer_copy(const InferContext& context, std::span<InferredTensor> outputs,
                  Status (*plan)(const InferContext& context, StridedCopy& copy)) {
  StridedCopy copy;
  if (Status status = plan(context, copy); !status.is_ok()) return status;
  outputs[0] = {context.inputs[0].type, copy.output};
  return {};
}

Status check_types(std::string_view op, const InferContext& context) {
  for (const TensorView& input : context.inputs) {
    if (input.type == context.inputs[0].type) continue;
    return misfit(std::string(op) + ": inputs are " + std::string(name(context.inputs[0].type)) + " and " +
                  std::string(name(input.type)));
  }
  return {};
}

}  // namespace

Status infer_concatenation(const InferContext& context, std::span<InferredTensor> outputs) {
  if (Status status = check_types("CONCATENATION", context); !status.is_ok()) return status;
  Shape shape = context.inputs[0].shape;
  int axis;
  const int32_t asked = get<ConcatenationAttributes>(context.attributes).axis;
  if (!normalize_axis(asked, shape.rank(), axis)) {
    return misfit("CONCATENATION: inputs of shape " + to_string(shape) + " have no axis " + std::to_string(asked));
  }
  int64_t total = 0;
  for (const TensorView& input : context.inputs) {
    bool fits = input.shape.rank() == shape.rank();
    for (int i = 0; fits && i < shape.rank(); ++i) fits = i == axis || input.shape[i] == shape[i];
    if (!fits) {
      return misfit("CONCATENATION: shapes " + to_string(context.inputs[0].shape) + " and " + to_string(input.shape) +
                    " differ beside axis " + std::to_string(axis));
    }
    total += input.shape[axis];
  }
  if (total > INT32_MAX) return Status(StatusCode::kResourceLimit, "CONCATENATION: the sum of sizes is too large");
  shape[axis] = static_cast<int32_t>(total);
  outputs[0] = {context.inputs[0].type, shape};
  return check_size("CONCATENATION", shape);
}

Status infer_pack(const InferContext& context, std::span<InferredTensor> outputs) {
  if (Status status = check_types("PACK", context); !status.is_ok()) return status;
  const auto& attributes = get<PackAttributes>(context.attributes);
  const Shape& input = context.inputs[0].shape;
  int axis;
  if (input.rank() == Shape::kMaxRank || !normalize_axis(attributes.axis, input.rank() + 1, axis)) {
    return misfit("PACK: no axis " + std::to_string(attributes.axis) + " for inputs of shape " + to_string(input));
  }
  for (const TensorView& other : context.inputs) {
    if (!(other.shape == input)) {
      return misfit("PACK: inputs have shapes " + to_string(input) + " and " + to_string(other.shape));
    }
  }
  Shape shape;
  for (int i = 0; i <= input.rank(); ++i) {
    shape.append(i == axis ? static_cast<int32_t>(context.inputs.size()) : input[i < axis ? i : i - 1]);
  }
  outputs[0] = {context.inputs[0].type, shape};
  return check_size("PACK", shape);
}

Status infer_reshape(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  std::vector<int64_t> dims;
  if (context.inputs.size() > 1 && context.has_input[1]) {
    if (Status status = read_integers("RESHAPE", "shape", context.inputs[1], dims); !status.is_ok()) return status;
  } else {
    const auto& attributes = get<ReshapeAttributes>(context.attributes);
    dims.assign(attributes.new_shape.begin(), attributes.new_shape.end());
  }
  const int64_t elements = input.elements();
  if (dims.size() > Shape::kMaxRank || elements < 0) {
    return misfit("RESHAPE: to " + std::to_string(dims.size()) + " dimensions");
  }
  // Legacy files say "scalar" as [0].
  if (dims.size() == 1 && dims[0] == 0 && elements == 1) dims.clear();
  Shape shape;
  int free = -1;
  int64_t known = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool valid = dims[i] >= -1 && dims[i] <= INT32_MAX && !(dims[i] == -1 && free >= 0);
    if (!valid) return misfit("RESHAPE: to a shape with dimension " + std::to_string(dims[i]));
    if (dims[i] == -1) free = static_cast<int>(i);
    if (dims[i] > 0 && known > (int64_t{1} << 40) / dims[i]) return misfit("RESHAPE: to a shape that is too large");
    if (dims[i] != -1) known *= dims[i];
    shape.append(static_cast<int32_t>(dims[i]));
  }
  if (free >= 0) {
    const int64_t size = known == 0 ? 0 : elements / known;
    if (size > INT32_MAX) return misfit("RESHAPE: to a shape that is too large");
    shape[free] = static_cast<int32_t>(size);
  }
  if (shape.elements() != elements) {
    if (free >= 0) shape[free] = Shape::kFree;
    return misfit("RESHAPE: " + to_string(input) + " does not have the size of " + to_string(shape));
  }
  outputs[0] = {context.inputs[0].type, shape};
  return {};
}

Status infer_squeeze(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  const auto& dims = get<SqueezeAttributes>(context.attributes).dims;
  std::array<bool, Shape::kMaxRank> removed{};
  for (int32_t dim : dims) {
    int axis;
    if (!normalize_axis(dim, input.rank(), axis) || input[axis] != 1) {
      return misfit("SQUEEZE: dimension " + std::to_string(dim) + " of " + to_string(input) + " is not 1");
    }
    removed[static_cast<size_t>(axis)] = true;
  }
  Shape shape;
  for (int i = 0; i < input.rank(); ++i) {
    const bool drop = dims.empty() ? input[i] == 1 : removed[static_cast<size_t>(i)];
    if (!drop) shape.append(input[i]);
  }
  outputs[0] = {context.inputs[0].type, shape};
  return {};
}

Status infer_expand_dims(const InferContext& context, std::span<InferredTensor> outputs) {
  const Shape& input = context.inputs[0].shape;
  std::vector<int64_t> values;
  if (Status status = read_integers("EXPAND_DIMS", "axis", context.inputs[1], values); !status.is_ok()) return status;
  int axis;
  if (values.size() != 1 || input.rank() == Shape::kMaxRank || !normalize_axis(values[0], input.rank() + 1, axis)) {
    return misfit("EXPAND_DIMS: the axis does not fit an input of shape " + to_string(input));
  }
  Shape shape;
  for (int i = 0; i <= input.rank(); ++i) shape.append(i == axis ? 1 : input[i < axis ? i : i - 1]);
  outputs[0] = {context.inputs[0].type, shape};
  return {};
}

Status infer_shape(const InferContext& context, std::span<InferredTensor> outputs) {
  const ElementType type = get<ShapeAttributes>(context.attributes).out_type;
  if (type != ElementType::kInt32 && type != ElementType::kInt64) return unsupported_type("SHAPE", type);
  outputs[0] = {type, Shape{context.inputs[0].shape.rank()}};
  return {};
}

Status infer_slice(const InferContext& context, std::span<InferredTensor> outputs) {
  return infer_copy(context, outputs, plan_slice);
}
Status infer_strided_slice(const InferContext& context, std::span<InferredTensor> outputs) {
  return infer_copy(context, outputs, plan_strided_slice);
}
Status infer_transpose(const InferContext& context, std::span<InferredTensor> outputs) {
  return infer_copy(context, outputs, plan_transpose);
}

}  // namespace burin
