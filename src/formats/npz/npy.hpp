// NumPy's .npy: one array with its type and shape.
// Format: numpy/lib/format.py, versions 1.0 to 3.0. Pickled objects, structures and strings are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "burin/tensor_types.hpp"

namespace burin {

// Elements in C order. `bytes` view a file's memory where nothing had to be rearranged; alignment is not promised.
struct Array {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;

  // The elements as floats, whatever the type.
  std::vector<float> to_floats() const;
};

// An array that owns its elements; `values` has as many as `shape`.
template <typename T>
Array make_array(ElementType type, const Shape& shape, std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  return {type, shape, std::as_bytes(std::span(*owner)), owner};
}

// float16/32/64, int8/16/32/64, uint8/32 and bool, C or Fortran order, little-endian. uint16 becomes int32.
// Throws Error; never allocates more than the file holds times two.
Array read_npy(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive);

// Version 1.0, C order. The same array gives the same bytes.
std::vector<uint8_t> write_npy(const Array& array);

}  // namespace burin
