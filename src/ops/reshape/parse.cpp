#include "ops/parse_options.hpp"
#include "ops/reshape/runtime.hpp"

namespace burin {

namespace {

Status parse_dims(const FlatTable& options, int field, std::vector<int32_t>& dims) {
  const FlatVector values = options.vector(field);
  if (values.size() > Shape::kMaxRank) {
    return Status(StatusCode::kUnsupported, std::to_string(values.size()) + " dimensions, at most " +
                                                std::to_string(Shape::kMaxRank) + " are possible");
  }
  for (uint32_t i = 0; i < values.size(); ++i) dims.push_back(values.scalar<int32_t>(i));
  return {};
}

}  // namespace

// ConcatenationOptions: axis, fused activation.
Status parse_concatenation(const FlatTable& options, Attributes& attributes) {
  auto& concatenation = attributes.emplace<ConcatenationAttributes>();
  concatenation.axis = options.scalar<int32_t>(0, 0);
  return parse_fused_activation(options, 1, concatenation.activation);
}

// PackOptions: values_count, axis.
Status parse_pack(const FlatTable& options, Attributes& attributes) {
  auto& pack = attributes.emplace<PackAttributes>();
  pack.values_count = options.scalar<int32_t>(0, 0);
  pack.axis = options.scalar<int32_t>(1, 0);
  return {};
}

Status parse_reshape(const FlatTable& options, Attributes& attributes) {
  return parse_dims(options, 0, attributes.emplace<ReshapeAttributes>().new_shape);
}

Status parse_shape(const FlatTable& options, Attributes& attributes) {
  const auto type = options.scalar<int8_t>(0, 0);
  auto& shape = attributes.emplace<ShapeAttributes>();
  if (type == static_cast<int8_t>(ElementType::kInt64)) {
    shape.out_type = ElementType::kInt64;
  } else if (type != 0 && type != static_cast<int8_t>(ElementType::kInt32)) {
    return Status(StatusCode::kInvalidModel, "out_type " + std::to_string(type) + ", it must be int32 or int64");
  }
  return {};
}

Status parse_squeeze(const FlatTable& options, Attributes& attributes) {
  return parse_dims(options, 0, attributes.emplace<SqueezeAttributes>().dims);
}

// StridedSliceOptions: begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask, offset.
Status parse_strided_slice(const FlatTable& options, Attributes& attributes) {
  auto& slice = attributes.emplace<StridedSliceAttributes>();
  slice.begin_mask = options.scalar<int32_t>(0, 0);
  slice.end_mask = options.scalar<int32_t>(1, 0);
  slice.ellipsis_mask = options.scalar<int32_t>(2, 0);
  slice.new_axis_mask = options.scalar<int32_t>(3, 0);
  slice.shrink_axis_mask = options.scalar<int32_t>(4, 0);
  slice.offset = options.scalar<uint8_t>(5, 0) != 0;
  return {};
}

}  // namespace burin
