// Operators that only move values: they work on bytes and take every type of whole bytes.
#include <cstring>

#include "ops/elementwise/quantized.hpp"
#include "ops/requantize.hpp"
#include "ops/reshape/indexing.hpp"
#include "ops/reshape/runtime.hpp"

namespace burin {

namespace {

Status whole_bytes(std::string_view op, const EvaluateContext& context, size_t& size) {
  const ElementType type = context.inputs[0].type;
  size = static_cast<size_t>(bit_width(type) / 8);
  if (size == 0 || context.outputs[0].type != type) return unsupported_type(op, type);
  return {};
}

template <size_t kSize>
void copy_strided(const StridedCopy& copy, const std::byte* input, std::byte* output) {
  const int64_t count = copy.output.elements();
  if (count == 0) return;
  const int rank = copy.output.rank();
  const int64_t row = rank == 0 ? 1 : copy.output.back();
  const int64_t step = rank == 0 ? 0 : copy.strides[static_cast<size_t>(rank - 1)];
  std::array<int64_t, Shape::kMaxRank> index{};
  int64_t offset = copy.start;
  for (int64_t done = 0; done < count; done += row) {
    if (step == 1) {
      std::memcpy(output, input + offset * static_cast<int64_t>(kSize), static_cast<size_t>(row) * kSize);
      output += row * static_cast<int64_t>(kSize);
    } else {
      for (int64_t i = 0; i < row; ++i, output += kSize) {
        std::memcpy(output, input + (offset + i * step) * static_cast<int64_t>(kSize), kSize);
      }
    }
    for (int i = rank - 2; i >= 0; --i) {
      const auto axis = static_cast<size_t>(i);
      offset += copy.strides[axis];
      if (++index[axis] < copy.output[i]) break;
      index[axis] = 0;
      offset -= copy.strides[axis] * copy.output[i];
    }
  }
}

// begin, size, permutation ... may have been computed by the model: they are looked at again.
Status evaluate_strided(std::string_view op, const EvaluateContext& context,
                        Status (*plan)(const InferContext& context, StridedCopy& copy)) {
  size_t size;
  if (Status status = whole_bytes(op, context, size); !status.is_ok()) return status;
  std::array<bool, 4> has_input{true, true, true, true};
  StridedCopy copy;
  const InferContext infer{context.inputs, std::span(has_input).first(context.inputs.size()), context.attributes};
  if (Status status = plan(infer, copy); !status.is_ok()) return status;
  if (!(copy.output == context.outputs[0].shape)) {
    return misfit(std::string(op) + ": makes " + to_string(copy.output) + ", not " +
                  to_string(context.outputs[0].shape));
  }
  const std::byte* input = context.inputs[0].data;
  std::byte* output = context.outputs[0].data;
  switch (size) {
    case 1:
      copy_strided<1>(copy, input, output);
      break;
    case 2:
      copy_strided<2>(copy, input, output);
      break;
    case 4:
      copy_strided<4>(copy, input, output);
      break;
    default:
      copy_strided<8>(copy, input, output);
  }
  return {};
}

// Joins the inputs: `outer` times a piece of each.
Status join(std::string_view op, const EvaluateContext& context, int64_t outer) {
  size_t size;
  if (Status status = whole_bytes(op, context, size); !status.is_ok()) return status;
  std::byte* output = context.outputs[0].data;
  for (int64_t o = 0; o < outer; ++o) {
    for (const TensorView& input : context.inputs) {
      const size_t piece = static_cast<size_t>(input.shape.elements() / outer) * size;
      if (piece == 0) continue;
      std::memcpy(output, input.data + static_cast<size_t>(o) * piece, piece);
      output += piece;
    }
  }
  return {};
}

int64_t product_before(const Shape& shape, int axis) {
  int64_t product = 1;
  for (int i = 0; i < axis; ++i) product *= shape[i];
  return product;
}

}  // namespace

Status evaluate_concatenation(const EvaluateContext& context) {
  const auto& attributes = get<ConcatenationAttributes>(context.attributes);
  const Shape& output = context.outputs[0].shape;
  const ElementType type = context.outputs[0].type;
  if (attributes.activation != FusedActivation::kNone) {
    return Status(StatusCode::kUnsupported, "CONCATENATION with a fused activation");
  }
  if (type == ElementType::kInt8 || type == ElementType::kUInt8 || type == ElementType::kInt16) {
    if (Status status = check_same_parameters("CONCATENATION", context); !status.is_ok()) return status;
  }
  int axis;
  if (!normalize_axis(attributes.axis, output.rank(), axis)) return misfit("CONCATENATION: no such axis");
  return join("CONCATENATION", context, product_before(output, axis));
}

Status evaluate_pack(const EvaluateContext& context) {
  const Shape& output = context.outputs[0].shape;
  int axis;
  if (!normalize_axis(get<PackAttributes>(context.attributes).axis, output.rank(), axis)) {
    return misfit("PACK: no such axis");
  }
  return join("PACK", context, product_before(output, axis));
}

Status evaluate_copy(const EvaluateContext& context) {
  const TensorView& input = context.inputs[0];
  const MutableTensorView& output = context.outputs[0];
  const int64_t bytes = byte_size(input.type, input.shape);
  if (bytes < 0 || bytes != byte_size(output.type, output.shape)) return misfit("input and output differ in size");
  // Planners may give both the same memory.
  if (bytes > 0 && output.data != input.data) std::memmove(output.data, input.data, static_cast<size_t>(bytes));
  return {};
}

Status evaluate_shape(const EvaluateContext& context) {
  const Shape& shape = context.inputs[0].shape;
  if (context.outputs[0].shape.elements() != shape.rank()) return misfit("SHAPE: the output has the wrong size");
  for (int i = 0; i < shape.rank(); ++i) {
    if (context.outputs[0].type == ElementType::kInt64) {
      context.outputs[0].as<int64_t>()[i] = shape[i];
    } else {
      context.outputs[0].as<int32_t>()[i] = shape[i];
    }
  }
  return {};
}

Status evaluate_slice(const EvaluateContext& context) { return evaluate_strided("SLICE", context, plan_slice); }
Status evaluate_strided_slice(const EvaluateContext& context) {
  return evaluate_strided("STRIDED_SLICE", context, plan_strided_slice);
}
Status evaluate_transpose(const EvaluateContext& context) {
  return evaluate_strided("TRANSPOSE", context, plan_transpose);
}

}  // namespace burin
