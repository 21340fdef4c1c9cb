// The messages of an object header, and those that describe elements: datatype, dataspace, fill value, filters.
// HDF5 File Format Specification, sections IV.A (object headers) and IV.A.2 (messages).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formats/hdf5/byte_cursor.hpp"
#include "formats/hdf5/hdf5_file.hpp"

namespace burin {

enum class Hdf5MessageType : uint16_t {
  kDataspace = 0x0001,
  kLinkInfo = 0x0002,
  kDatatype = 0x0003,
  kFillValue = 0x0005,
  kLink = 0x0006,
  kLayout = 0x0008,
  kFilters = 0x000b,
  kAttribute = 0x000c,
  kContinuation = 0x0010,
  kSymbolTable = 0x0011,
  kAttributeInfo = 0x0015,
};

struct Hdf5Message {
  Hdf5MessageType type;
  std::span<const std::byte> data;
};

// Both versions, continuations followed once each. Throws when a message that is read later is a shared one.
std::vector<Hdf5Message> read_object_header(std::span<const std::byte> file, uint64_t address);

// The first message of a type, or null.
const Hdf5Message* find_message(std::span<const Hdf5Message> messages, Hdf5MessageType type);

Hdf5Type read_datatype(std::span<const std::byte> message);

// Null: a dataspace without elements.
std::optional<std::vector<uint64_t>> read_dataspace(std::span<const std::byte> message);

// Product of the dimensions; throws when it exceeds 2^48.
uint64_t element_count(std::span<const uint64_t> shape);

// Empty: zeros.
std::span<const std::byte> read_fill_value(std::span<const std::byte> message);

struct Hdf5Filters {
  bool shuffle = false;
  bool deflate = false;
};
// Only shuffle, deflate, and shuffle before deflate.
Hdf5Filters read_filters(std::span<const std::byte> message);

}  // namespace burin
