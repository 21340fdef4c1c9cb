#include "formats/hdf5/messages.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace burin {

namespace {

constexpr size_t kMaxMessages = 1'000'000;
constexpr uint64_t kMaxElements = uint64_t{1} << 48;
constexpr uint8_t kSharedFlag = 2;

struct Block {
  uint64_t address;
  uint64_t size;
};

// Collects messages block by block; a continuation message adds a block.
class HeaderReader {
 public:
  explicit HeaderReader(std::span<const std::byte> file) : file_(file) {}

  std::vector<Hdf5Message> read(uint64_t address) {
    ByteCursor cursor(file_, address, "object header");
    const uint64_t start = cursor.position();
    if (cursor.left() >= 4 && std::memcmp(file_.data() + start, "OHDR", 4) == 0) {
      read_version_2(cursor);
    } else {
      read_version_1(cursor);
    }
    return std::move(messages_);
  }

 private:
  void read_version_1(ByteCursor cursor) {
    if (cursor.u8() != 1) throw hdf5_damaged("there is no object header where one should be");
    cursor.skip(7);
    const uint64_t size = cursor.u32();
    cursor.skip(4);
    blocks_.push_back({cursor.position(), size});
    for (size_t i = 0; i < blocks_.size(); ++i) {
      ByteCursor block = open(blocks_[i]);
      while (block.left() >= 8) {
        const auto type = static_cast<Hdf5MessageType>(block.u16());
        const uint16_t data_size = block.u16();
        const uint8_t flags = block.u8();
        block.skip(3);
        add(type, flags, block.take(data_size));
      }
    }
  }

  void read_version_2(ByteCursor cursor) {
    cursor.expect("OHDR");
    if (cursor.u8() != 2) throw hdf5_unsupported("an object header of an unknown version");
    const uint8_t flags = cursor.u8();
    if ((flags & 0x20) != 0) cursor.skip(16);
    if ((flags & 0x10) != 0) cursor.skip(4);
    const uint64_t size = cursor.number(1u << (flags & 3));
    blocks_.push_back({cursor.position(), size});
    for (size_t i = 0; i < blocks_.size(); ++i) {
      ByteCursor block = open(blocks_[i]);
      uint64_t checksum = 0;
      if (i > 0) {
        block.expect("OCHK");
        checksum = 4;
      }
      const uint64_t head = (flags & 4) != 0 ? 6 : 4;
      while (block.left() >= checksum + head) {
        const auto type = static_cast<Hdf5MessageType>(block.u8());
        const uint16_t data_size = block.u16();
        const uint8_t message_flags = block.u8();
        if ((flags & 4) != 0) block.skip(2);
        add(type, message_flags, block.take(data_size));
      }
    }
  }

  ByteCursor open(const Block& block) {
    if (!seen_.insert(block.address).second) throw hdf5_damaged("the blocks of an object header form a loop");
    ByteCursor whole(file_, block.address, "object header");
    return ByteCursor(whole.take(block.size), 0, "object header");
  }

  void add(Hdf5MessageType type, uint8_t flags, std::span<const std::byte> data) {
    if (type == Hdf5MessageType::kContinuation) {
      ByteCursor cursor(data, 0, "continuation message");
      const uint64_t address = cursor.u64();
      blocks_.push_back({address, cursor.u64()});
      return;
    }
    if ((flags & kSharedFlag) != 0) {
      if (type == Hdf5MessageType::kDatatype) throw hdf5_unsupported("a named (committed) datatype");
      return;
    }
    if (messages_.size() >= kMaxMessages) throw hdf5_damaged("an object header with more than a million messages");
    messages_.push_back({type, data});
  }

  std::span<const std::byte> file_;
  std::vector<Block> blocks_;
  std::set<uint64_t> seen_;
  std::vector<Hdf5Message> messages_;
};

}  // namespace

std::vector<Hdf5Message> read_object_header(std::span<const std::byte> file, uint64_t address) {
  return HeaderReader(file).read(address);
}

const Hdf5Message* find_message(std::span<const Hdf5Message> messages, Hdf5MessageType type) {
  const auto found = std::ranges::find(messages, type, &Hdf5Message::type);
  return found == messages.end() ? nullptr : &*found;
}

namespace {

Hdf5Type read_float(ByteCursor& cursor, uint32_t bits, uint32_t size) {
  if ((bits & 0x41) != 0) throw hdf5_unsupported("numbers that are not little-endian");
  cursor.skip(5);
  const uint8_t exponent_bits = cursor.u8();
  cursor.skip(1);
  const uint8_t mantissa_bits = cursor.u8();
  const bool ieee = (size == 2 && exponent_bits == 5 && mantissa_bits == 10) ||
                    (size == 4 && exponent_bits == 8 && mantissa_bits == 23) ||
                    (size == 8 && exponent_bits == 11 && mantissa_bits == 52);
  if (!ieee) throw hdf5_unsupported("a floating-point type that is not IEEE binary16, 32 or 64");
  return {Hdf5TypeClass::kFloat, true, size};
}

Hdf5Type read_integer(uint32_t bits, uint32_t size) {
  if ((bits & 1) != 0 && size > 1) throw hdf5_unsupported("numbers that are not little-endian");
  if (size != 1 && size != 2 && size != 4 && size != 8) {
    throw hdf5_unsupported("integers of " + std::to_string(size) + " bytes");
  }
  return {Hdf5TypeClass::kInteger, (bits & 8) != 0, size};
}

}  // namespace

Hdf5Type read_datatype(std::span<const std::byte> message) {
  ByteCursor cursor(message, 0, "datatype message");
  const uint32_t head = cursor.u8();
  const auto bits = static_cast<uint32_t>(cursor.number(3));
  const uint32_t size = cursor.u32();
  if (size == 0) throw hdf5_damaged("a datatype of 0 bytes");
  switch (head & 0x0f) {
    case 0:
      return read_integer(bits, size);
    case 1:
      return read_float(cursor, bits, size);
    case 3:
      return {Hdf5TypeClass::kFixedString, false, size};
    case 5:
      return {Hdf5TypeClass::kOpaque, false, size};
    case 8:
      // h5py's booleans: an enumeration of FALSE and TRUE in one byte.
      if (size == 1) return {Hdf5TypeClass::kBoolean, false, 1};
      throw hdf5_unsupported("an enumeration type");
    case 9:
      if ((bits & 0x0f) == 1 && size == 16) return {Hdf5TypeClass::kVariableString, false, size};
      throw hdf5_unsupported("a variable-length type that is no string");
    default:
      throw hdf5_unsupported("a datatype of class " + std::to_string(head & 0x0f));
  }
}

std::optional<std::vector<uint64_t>> read_dataspace(std::span<const std::byte> message) {
  ByteCursor cursor(message, 0, "dataspace message");
  const uint8_t version = cursor.u8();
  const uint8_t rank = cursor.u8();
  cursor.skip(1);
  if (version == 1) {
    cursor.skip(5);
  } else if (version == 2) {
    if (cursor.u8() == 2) return std::nullopt;
  } else {
    throw hdf5_unsupported("a dataspace of version " + std::to_string(version));
  }
  if (rank > 32) throw hdf5_damaged("a dataspace of " + std::to_string(rank) + " dimensions");
  std::vector<uint64_t> shape;
  for (uint8_t i = 0; i < rank; ++i) shape.push_back(cursor.u64());
  return shape;
}

uint64_t element_count(std::span<const uint64_t> shape) {
  uint64_t count = 1;
  for (const uint64_t dim : shape) {
    if (dim != 0 && count > kMaxElements / dim) throw hdf5_damaged("a dataspace of more than 2^48 elements");
    count *= dim;
  }
  return count;
}

std::span<const std::byte> read_fill_value(std::span<const std::byte> message) {
  ByteCursor cursor(message, 0, "fill value message");
  const uint8_t version = cursor.u8();
  bool defined = false;
  if (version == 1 || version == 2) {
    cursor.skip(2);
    defined = cursor.u8() != 0 || version == 1;
  } else if (version == 3) {
    defined = (cursor.u8() & 0x20) != 0;
  } else {
    throw hdf5_unsupported("a fill value of version " + std::to_string(version));
  }
  return defined ? cursor.take(cursor.u32()) : std::span<const std::byte>{};
}

Hdf5Filters read_filters(std::span<const std::byte> message) {
  ByteCursor cursor(message, 0, "filter message");
  const uint8_t version = cursor.u8();
  if (version != 1 && version != 2) throw hdf5_unsupported("filters of version " + std::to_string(version));
  const uint8_t count = cursor.u8();
  if (version == 1) cursor.skip(6);
  Hdf5Filters filters;
  for (uint8_t i = 0; i < count; ++i) {
    constexpr uint16_t kDeflate = 1;
    constexpr uint16_t kShuffle = 2;
    const uint16_t id = cursor.u16();
    if (id == kShuffle && !filters.shuffle && !filters.deflate) {
      filters.shuffle = true;
    } else if (id == kDeflate && !filters.deflate) {
      filters.deflate = true;
    } else {
      throw hdf5_unsupported("filter " + std::to_string(id) + " (only shuffle and deflate are read)");
    }
    uint64_t name_size = version == 1 ? cursor.u16() : 0;
    cursor.skip(2);
    const uint16_t values = cursor.u16();
    if (version == 1) name_size = (name_size + 7) / 8 * 8;
    cursor.skip(name_size + uint64_t{4} * values + (version == 1 && values % 2 != 0 ? 4 : 0));
  }
  return filters;
}

}  // namespace burin
