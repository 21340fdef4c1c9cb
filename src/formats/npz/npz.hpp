// NumPy's .npz: named arrays in a zip archive.
#pragma once

#include <string>
#include <vector>

#include "formats/npz/npy.hpp"

namespace burin {

struct NamedArray {
  std::string name;
  Array array;
};

// Sorted by name. Throws Error naming the array. Stored arrays are viewed in place, deflated ones inflated.
std::vector<NamedArray> read_npz(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive);

// `.npz`, or one `.npy` (named "input0"), told apart by content. Throws Error naming the file.
std::vector<NamedArray> read_arrays(const std::string& path);

// Stored, in the given order, without dates: the same arrays give the same bytes.
std::vector<uint8_t> write_npz(std::span<const NamedArray> arrays);

}  // namespace burin
