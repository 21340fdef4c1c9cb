// Checked views of FlatBuffers data: every access is bounds-checked, nothing is allocated, nothing throws.
// Format: https://flatbuffers.dev/internals. A hostile buffer gives defaults and a sticky failure flag, never a bad
// read.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace burin {

class FlatVector;

// The buffer with the failure flag that all its views share.
struct FlatBuffer {
  std::span<const std::byte> bytes;
  mutable bool malformed = false;  // set by the first access that leaves the buffer
};

// A table; an empty one (of a missing field) gives every field's default.
class FlatTable {
 public:
  FlatTable() = default;
  // The root table of a buffer with file identifier `identifier` ("" = do not check).
  static FlatTable root(const FlatBuffer& buffer, std::string_view identifier);
  FlatTable(const FlatBuffer* buffer, uint32_t position);

  bool exists() const { return buffer_ != nullptr; }
  // `field` is the field's index in the schema (0, 1, ...), not the vtable offset.
  bool has(int field) const { return position_of(field) != 0; }
  template <typename T>
  T scalar(int field, T default_value) const {
    const uint32_t position = position_of(field);
    T value;
    return position != 0 && read(position, value) ? value : default_value;
  }
  FlatTable table(int field) const;
  FlatVector vector(int field) const;
  std::string_view string(int field) const;

  // Reads at an absolute position; false (and malformed) when it leaves the buffer.
  template <typename T>
  bool read(uint64_t position, T& value) const {
    if (position > buffer_->bytes.size() || buffer_->bytes.size() - position < sizeof(T)) {
      buffer_->malformed = true;
      return false;
    }
    std::memcpy(&value, buffer_->bytes.data() + position, sizeof(T));
    return true;
  }

 private:
  friend class FlatVector;
  uint32_t position_of(int field) const;  // absolute; 0: absent

  const FlatBuffer* buffer_ = nullptr;
  uint32_t position_ = 0;
};

// A vector of scalars, tables or strings; size() never promises more than the buffer holds.
class FlatVector {
 public:
  FlatVector() = default;

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  template <typename T>
  T scalar(uint32_t index) const;  // T{} when out of range
  FlatTable table(uint32_t index) const;
  std::string_view string(uint32_t index) const;
  // The raw bytes of a vector of elements of `element_size` bytes; empty (and malformed) when they leave the buffer.
  std::span<const std::byte> bytes(uint32_t element_size) const;

 private:
  friend class FlatTable;
  FlatVector(const FlatBuffer* buffer, uint32_t position);

  const FlatBuffer* buffer_ = nullptr;
  uint32_t position_ = 0;  // of the first element
  uint32_t size_ = 0;
};

template <typename T>
T FlatVector::scalar(uint32_t index) const {
  T value{};
  if (index < size_) FlatTable(buffer_, 0).read(position_ + uint64_t{index} * sizeof(T), value);
  return value;
}

}  // namespace burin
