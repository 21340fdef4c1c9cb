#include "ops/integer_values.hpp"

#include <cstring>
#include <limits>

#include "ops/requantize.hpp"

namespace burin {

namespace {

template <typename T>
void load_as(const std::byte* data, int64_t step, int64_t count, int64_t* values) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data + i * step * int64_t{sizeof(T)}, sizeof(T));
    values[i] = value;
  }
}

template <typename T>
void store_as(const int64_t* values, int64_t count, std::byte* data) {
  for (int64_t i = 0; i < count; ++i) {
    const T value = static_cast<T>(values[i]);
    std::memcpy(data + i * int64_t{sizeof(T)}, &value, sizeof(T));
  }
}

}  // namespace

bool is_integer(ElementType type) {
  switch (type) {
    case ElementType::kInt4:
    case ElementType::kInt8:
    case ElementType::kUInt8:
    case ElementType::kInt16:
    case ElementType::kInt32:
    case ElementType::kInt64:
      return true;
    default:
      return false;
  }
}

int64_t lowest_integer(ElementType type) {
  return type == ElementType::kInt64 ? std::numeric_limits<int64_t>::min() : code_range(type).min;
}

void load_integers(const TensorView& tensor, int64_t first, int64_t step, int64_t count, int64_t* values) {
  const std::byte* data = tensor.data + first * bit_width(tensor.type) / 8;
  switch (tensor.type) {
    case ElementType::kInt4:
      for (int64_t i = 0; i < count; ++i) {
        const int64_t element = first + i * step;
        const auto pair = static_cast<int>(tensor.data[element / 2]);
        values[i] = ((element % 2 == 0 ? pair & 15 : pair >> 4) ^ 8) - 8;
      }
      return;
    case ElementType::kInt8:
      return load_as<int8_t>(data, step, count, values);
    case ElementType::kUInt8:
      return load_as<uint8_t>(data, step, count, values);
    case ElementType::kInt16:
      return load_as<int16_t>(data, step, count, values);
    case ElementType::kInt32:
      return load_as<int32_t>(data, step, count, values);
    default:
      return load_as<int64_t>(data, step, count, values);
  }
}

void store_integers(const int64_t* values, int64_t count, const MutableTensorView& tensor, int64_t first) {
  std::byte* data = tensor.data + first * bit_width(tensor.type) / 8;
  switch (bit_width(tensor.type)) {
    case 8:
      return store_as<int8_t>(values, count, data);
    case 16:
      return store_as<int16_t>(values, count, data);
    case 32:
      return store_as<int32_t>(values, count, data);
    default:
      return store_as<int64_t>(values, count, data);
  }
}

}  // namespace burin
