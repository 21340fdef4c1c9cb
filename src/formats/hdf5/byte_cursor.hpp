// A position in the file that is checked at every step; numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "burin/error.hpp"

namespace burin {

inline Error hdf5_damaged(const std::string& what) {
  return Error(StatusCode::kInvalidModel, "HDF5: " + what, "The file is damaged or incomplete: copy or save it again.");
}

inline Error hdf5_unsupported(const std::string& what) {
  return Error(StatusCode::kUnsupported, "HDF5: " + what,
               "Save the model again with Keras, or copy the file with h5py without special options.");
}

class ByteCursor {
 public:
  // `what` names the structure in errors; it must outlive the cursor.
  ByteCursor(std::span<const std::byte> bytes, uint64_t position, std::string_view what)
      : bytes_(bytes), position_(position), what_(what) {
    if (position > bytes.size()) fail();
  }

  uint64_t position() const { return position_; }
  uint64_t left() const { return bytes_.size() - position_; }

  // An unsigned number of `size` <= 8 bytes.
  uint64_t number(uint32_t size) {
    const auto data = take(size);
    uint64_t value = 0;
    for (size_t i = data.size(); i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(data[i]);
    return value;
  }
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }

  std::span<const std::byte> take(uint64_t size) {
    if (size > left()) fail();
    const auto data = bytes_.subspan(static_cast<size_t>(position_), static_cast<size_t>(size));
    position_ += size;
    return data;
  }
  void skip(uint64_t size) { take(size); }

  void expect(std::string_view signature) {
    const auto data = take(signature.size());
    if (std::memcmp(data.data(), signature.data(), signature.size()) != 0) {
      throw hdf5_damaged("there is no " + std::string(what_) + " where one should be");
    }
  }

 private:
  [[noreturn]] void fail() const { throw hdf5_damaged("the file ends inside a " + std::string(what_)); }

  std::span<const std::byte> bytes_;
  uint64_t position_;
  std::string_view what_;
};

// The address of what is not there.
inline constexpr uint64_t kHdf5Undefined = UINT64_MAX;

}  // namespace burin
