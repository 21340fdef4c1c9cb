#include "formats/flatbuffer/flat_table.hpp"

#include <limits>

namespace burin {

namespace {

// Follows the unsigned offset at `position`: the absolute position that it points to, or 0 (and malformed).
uint32_t follow_offset(const FlatBuffer* buffer, uint64_t position) {
  uint32_t offset = 0;
  if (!FlatTable(buffer, 0).read(position, offset)) return 0;
  const uint64_t target = position + offset;
  // Every target begins with four bytes: a table's vtable offset, a vector's or string's length.
  if (offset == 0 || target + sizeof(uint32_t) > buffer->bytes.size() ||
      target > std::numeric_limits<uint32_t>::max()) {
    buffer->malformed = true;
    return 0;
  }
  return static_cast<uint32_t>(target);
}

}  // namespace

FlatTable::FlatTable(const FlatBuffer* buffer, uint32_t position) : buffer_(buffer), position_(position) {}

FlatTable FlatTable::root(const FlatBuffer& buffer, std::string_view identifier) {
  constexpr size_t kIdentifierPosition = 4;
  if (!identifier.empty() &&
      (buffer.bytes.size() < kIdentifierPosition + identifier.size() ||
       std::memcmp(buffer.bytes.data() + kIdentifierPosition, identifier.data(), identifier.size()) != 0)) {
    buffer.malformed = true;
    return {};
  }
  const uint32_t position = follow_offset(&buffer, 0);
  return position == 0 ? FlatTable() : FlatTable(&buffer, position);
}

uint32_t FlatTable::position_of(int field) const {
  if (buffer_ == nullptr || field < 0) return 0;
  int32_t vtable_distance = 0;
  if (!read(position_, vtable_distance)) return 0;
  const int64_t vtable = int64_t{position_} - vtable_distance;
  uint16_t vtable_bytes = 0, table_bytes = 0;
  if (vtable < 0) {
    buffer_->malformed = true;
    return 0;
  }
  const auto vtable_position = static_cast<uint64_t>(vtable);
  if (!read(vtable_position, vtable_bytes) || !read(vtable_position + 2, table_bytes)) return 0;
  const uint64_t slot = 4 + 2 * static_cast<uint64_t>(field);
  if (slot + 2 > vtable_bytes) return 0;  // written by an older schema: absent
  uint16_t offset = 0;
  if (!read(vtable_position + slot, offset) || offset == 0) return 0;
  if (offset < sizeof(int32_t) || offset >= table_bytes) {
    buffer_->malformed = true;
    return 0;
  }
  const uint64_t position = uint64_t{position_} + offset;
  if (position >= buffer_->bytes.size() || position > std::numeric_limits<uint32_t>::max()) {
    buffer_->malformed = true;
    return 0;
  }
  return static_cast<uint32_t>(position);
}

FlatTable FlatTable::table(int field) const {
  const uint32_t position = position_of(field);
  if (position == 0) return {};
  const uint32_t target = follow_offset(buffer_, position);
  return target == 0 ? FlatTable() : FlatTable(buffer_, target);
}

FlatVector FlatTable::vector(int field) const {
  const uint32_t position = position_of(field);
  if (position == 0) return {};
  const uint32_t target = follow_offset(buffer_, position);
  return target == 0 ? FlatVector() : FlatVector(buffer_, target);
}

std::string_view FlatTable::string(int field) const {
  const std::span<const std::byte> bytes = vector(field).bytes(1);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

FlatVector::FlatVector(const FlatBuffer* buffer, uint32_t position) : buffer_(buffer) {
  uint32_t size = 0;
  if (!FlatTable(buffer, 0).read(position, size)) return;
  const uint64_t first = uint64_t{position} + sizeof(uint32_t);
  if (first + size > buffer->bytes.size() || first > std::numeric_limits<uint32_t>::max()) {
    buffer->malformed = true;
    return;
  }
  position_ = static_cast<uint32_t>(first);
  size_ = size;
}

FlatTable FlatVector::table(uint32_t index) const {
  if (index >= size_) return {};
  const uint32_t target = follow_offset(buffer_, position_ + uint64_t{index} * sizeof(uint32_t));
  return target == 0 ? FlatTable() : FlatTable(buffer_, target);
}

std::string_view FlatVector::string(uint32_t index) const {
  if (index >= size_) return {};
  const uint32_t target = follow_offset(buffer_, position_ + uint64_t{index} * sizeof(uint32_t));
  if (target == 0) return {};
  const std::span<const std::byte> bytes = FlatVector(buffer_, target).bytes(1);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> FlatVector::bytes(uint32_t element_size) const {
  if (size_ == 0) return {};
  const uint64_t length = uint64_t{size_} * element_size;
  if (position_ + length > buffer_->bytes.size()) {
    buffer_->malformed = true;
    return {};
  }
  return buffer_->bytes.subspan(position_, static_cast<size_t>(length));
}

}  // namespace burin
