#include "burin/tensor_types.hpp"

#include <algorithm>

namespace burin {

std::string_view name(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat16:
      return "float16";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kUInt8:
      return "uint8";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kBool:
      return "bool";
    case ElementType::kInt16:
      return "int16";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kFloat64:
      return "float64";
    case ElementType::kUInt32:
      return "uint32";
    case ElementType::kInt4:
      return "int4";
  }
  return "unknown";
}

int bit_width(ElementType type) {
  switch (type) {
    case ElementType::kInt4:
      return 4;
    case ElementType::kUInt8:
    case ElementType::kInt8:
    case ElementType::kBool:
      return 8;
    case ElementType::kFloat16:
    case ElementType::kInt16:
      return 16;
    case ElementType::kInt64:
    case ElementType::kFloat64:
      return 64;
    case ElementType::kFloat32:
    case ElementType::kInt32:
    case ElementType::kUInt32:
      break;
  }
  return 32;
}

Shape::Shape(std::initializer_list<int32_t> dims) : Shape(std::span<const int32_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const int32_t> dims) {
  for (int32_t dim : dims.first(std::min<size_t>(dims.size(), kMaxRank))) append(dim);
}

void Shape::append(int32_t dim) {
  dims_[rank_] = dim;
  ++rank_;
}

bool Shape::is_concrete() const {
  return std::none_of(dims().begin(), dims().end(), [](int32_t dim) { return dim < 0; });
}

int64_t Shape::elements() const {
  constexpr int64_t kLimit = int64_t{1} << 40;
  if (!is_concrete()) return -1;
  int64_t count = 1;
  for (int32_t dim : dims()) {
    if (dim == 0) return 0;
  }
  for (int32_t dim : dims()) {
    if (count > kLimit / dim) return -1;
    count *= dim;
  }
  return count;
}

bool Shape::operator==(const Shape& other) const { return std::ranges::equal(dims(), other.dims()); }

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  std::string text;
  for (int32_t dim : shape.dims()) {
    if (!text.empty()) text += 'x';
    text += dim < 0 ? std::string("?") : std::to_string(dim);
  }
  return text;
}

int64_t byte_size(ElementType type, const Shape& shape) {
  const int64_t elements = shape.elements();
  return elements < 0 ? -1 : (elements * bit_width(type) + 7) / 8;
}

}  // namespace burin
