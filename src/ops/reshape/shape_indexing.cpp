#include <algorithm>

#include "ops/reshape/indexing.hpp"

namespace burin {

namespace {

// Elements of the input per step of each of its dimensions.
std::array<int64_t, Shape::kMaxRank> dense_strides(const Shape& shape) {
  std::array<int64_t, Shape::kMaxRank> strides{};
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<size_t>(i)] = stride;
    stride *= shape[i];
  }
  return strides;
}

bool has_bit(int32_t mask, size_t i) { return (static_cast<uint32_t>(mask) >> i & 1u) != 0; }

// One dimension of a STRIDED_SLICE, as NumPy slices.
struct Range {
  int64_t first = 0, count = 0, stride = 1;
};
Range slice_range(int64_t size, int64_t begin, int64_t end, int64_t stride, bool from_first, bool to_last) {
  const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  if (begin < 0) begin += size;
  if (end < 0) end += size;
  begin = from_first ? (stride > 0 ? low : high) : std::clamp(begin, low, high);
  end = to_last ? (stride > 0 ? high : low) : std::clamp(end, low, high);
  const int64_t distance = stride > 0 ? end - begin : begin - end;
  const int64_t step = stride > 0 ? stride : -stride;
  return {begin, distance <= 0 ? 0 : (distance + step - 1) / step, stride};
}

}  // namespace

Status plan_slice(const InferContext& context, StridedCopy& copy) {
  const Shape& input = context.inputs[0].shape;
  std::vector<int64_t> begin, size;
  Status status = read_integers("SLICE", "begin", context.inputs[1], begin);
  if (status.is_ok()) status = read_integers("SLICE", "size", context.inputs[2], size);
  if (!status.is_ok()) return status;
  const auto rank = static_cast<size_t>(input.rank());
  if (begin.size() != rank || size.size() != rank) {
    return misfit("SLICE: begin and size have " + std::to_string(begin.size()) + " and " + std::to_string(size.size()) +
                  " values for an input of shape " + to_string(input));
  }
  copy = {};
  copy.strides = dense_strides(input);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t dim = input[static_cast<int>(i)];
    const bool inside = begin[i] >= 0 && begin[i] <= dim && size[i] >= -1 && size[i] <= dim - begin[i];
    if (!inside) {
      return misfit("SLICE: begin " + std::to_string(begin[i]) + ", size " + std::to_string(size[i]) +
                    " leave dimension " + std::to_string(i) + " of " + to_string(input));
    }
    copy.start += begin[i] * copy.strides[i];
    copy.output.append(static_cast<int32_t>(size[i] == -1 ? dim - begin[i] : size[i]));
  }
  return {};
}

Status plan_strided_slice(const InferContext& context, StridedCopy& copy) {
  const Shape& input = context.inputs[0].shape;
  const auto& attributes = get<StridedSliceAttributes>(context.attributes);
  std::vector<int64_t> begin, end, strides;
  Status status = read_integers("STRIDED_SLICE", "begin", context.inputs[1], begin);
  if (status.is_ok()) status = read_integers("STRIDED_SLICE", "end", context.inputs[2], end);
  if (status.is_ok()) status = read_integers("STRIDED_SLICE", "strides", context.inputs[3], strides);
  if (!status.is_ok()) return status;
  if (begin.size() != end.size() || begin.size() != strides.size() || begin.size() > 31) {
    return misfit("STRIDED_SLICE: begin, end and strides differ in length");
  }
  const auto rank = static_cast<size_t>(input.rank());
  size_t consumed = 0;  // input dimensions that the entries speak of
  int ellipses = 0;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (has_bit(attributes.ellipsis_mask, i)) {
      ++ellipses;
    } else if (!has_bit(attributes.new_axis_mask, i)) {
      ++consumed;
    }
  }
  if (ellipses > 1 || consumed > rank) {
    return misfit("STRIDED_SLICE: " + std::to_string(begin.size()) + " entries for an input of shape " +
                  to_string(input));
  }
  const auto dense = dense_strides(input);
  copy = {};
  size_t dimension = 0;
  bool too_many = false;
  const auto append = [&](int64_t count, int64_t stride) {
    too_many = too_many || copy.output.rank() == Shape::kMaxRank;
    if (too_many) return;
    copy.strides[static_cast<size_t>(copy.output.rank())] = stride;
    copy.output.append(static_cast<int32_t>(count));
  };
  const auto append_whole = [&](size_t count) {
    for (; count > 0; --count, ++dimension) append(input[static_cast<int>(dimension)], dense[dimension]);
  };
  for (size_t i = 0; i < begin.size(); ++i) {
    if (has_bit(attributes.ellipsis_mask, i)) {
      append_whole(rank - consumed);
      continue;
    }
    if (has_bit(attributes.new_axis_mask, i)) {
      append(1, 0);
      continue;
    }
    const int64_t size = input[static_cast<int>(dimension)];
    constexpr int64_t kLimit = int64_t{1} << 40;
    if (strides[i] == 0 || strides[i] < -kLimit || strides[i] > kLimit) {
      return misfit("STRIDED_SLICE: stride " + std::to_string(strides[i]));
    }
    const int64_t first = std::clamp(begin[i], -kLimit, kLimit);
    if (has_bit(attributes.shrink_axis_mask, i)) {
      const int64_t index = first < 0 ? first + size : first;
      if (index < 0 || index >= size) {
        return misfit("STRIDED_SLICE: index " + std::to_string(begin[i]) + " leaves dimension " +
                      std::to_string(dimension) + " of " + to_string(input));
      }
      copy.start += index * dense[dimension];
    } else {
      int64_t last = std::clamp(end[i], -kLimit, kLimit);
      if (attributes.offset) last += first;
      const Range range = slice_range(size, first, last, strides[i], has_bit(attributes.begin_mask, i),
                                      has_bit(attributes.end_mask, i));
      if (range.count > 0) copy.start += range.first * dense[dimension];
      append(range.count, range.count > 1 ? range.stride * dense[dimension] : 0);
    }
    ++dimension;
  }
  append_whole(rank - dimension);
  if (too_many) return misfit("STRIDED_SLICE: more than " + std::to_string(Shape::kMaxRank) + " dimensions");
  return {};
}

Status plan_transpose(const InferContext& context, StridedCopy& copy) {
  const Shape& input = context.inputs[0].shape;
  std::vector<int64_t> order;
  if (Status status = read_integers("TRANSPOSE", "permutation", context.inputs[1], order); !status.is_ok())
    return status;
  copy = {};
  const auto dense = dense_strides(input);
  uint32_t seen = 0;
  for (int64_t entry : order) {
    int axis;
    if (order.size() != static_cast<size_t>(input.rank()) || !normalize_axis(entry, input.rank(), axis) ||
        has_bit(static_cast<int32_t>(seen), static_cast<size_t>(axis))) {
      return misfit("TRANSPOSE: the permutation does not fit an input of shape " + to_string(input));
    }
    seen |= 1u << axis;
    copy.strides[static_cast<size_t>(copy.output.rank())] = dense[static_cast<size_t>(axis)];
    copy.output.append(input[axis]);
  }
  if (order.size() != static_cast<size_t>(input.rank())) {
    return misfit("TRANSPOSE: the permutation does not fit an input of shape " + to_string(input));
  }
  return {};
}

}  // namespace burin
