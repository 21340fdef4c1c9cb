// A read-only subset of HDF5 that covers what Keras and h5py write: a file in memory, groups, datasets, attributes.
//
// Read: superblock 0-3, object headers 1 and 2, symbol-table groups and link messages, compact, contiguous and chunked
// layouts (B-tree version 1, or a single chunk) with deflate and shuffle, little-endian numbers, booleans, fixed and
// variable strings. Refused with an error that says so: dense (fractal heap) links and attributes, other filters,
// compound types, external and soft links.
// Every access is bounds-checked; loops, sizes and the number of structures read are limited.
// Format: "HDF5 File Format Specification Version 3.0", The HDF Group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace burin {

struct Hdf5Limits {
  uint64_t max_decoded_bytes = uint64_t{4} << 30;  // of all chunked and filled datasets of a file together
  uint64_t max_strings = 10'000'000;               // of one attribute or dataset
  size_t max_links = 1'000'000;                    // of one group
};

enum class Hdf5TypeClass : uint8_t { kInteger, kFloat, kFixedString, kVariableString, kBoolean, kOpaque };

struct Hdf5Type {
  Hdf5TypeClass type_class = Hdf5TypeClass::kInteger;
  bool is_signed = false;  // kInteger
  uint32_t size = 0;       // bytes of an element as stored
};

std::string to_string(const Hdf5Type& type);  // "float32", "string"

// Elements in C order. `bytes` are those of the file where nothing had to be decoded.
struct Hdf5Data {
  Hdf5Type type;
  std::vector<uint64_t> shape;  // empty: a scalar
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;
};

class Hdf5File {
 public:
  // An object's place: the address of its header.
  using Object = uint64_t;

  // Throws Error (kInvalidModel, kUnsupported) when `bytes` is no HDF5 file that this subset covers.
  Hdf5File(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive, const Hdf5Limits& limits = {});
  ~Hdf5File();

  Object root() const;
  // Names of a group's links, sorted. An object that is no group has none.
  const std::map<std::string, Object, std::less<>>& links(Object group) const;
  // "a/b/c" below `group`; absent when a part is missing. Throws when a part is no hard link.
  std::optional<Object> find(Object group, std::string_view path) const;

  bool is_dataset(Object object) const;
  // The type and shape alone, then with the elements. Throws Error when `object` is no dataset.
  Hdf5Data describe(Object dataset) const;
  Hdf5Data read(Object dataset) const;

  bool has_attribute(Object object, std::string_view name) const;
  // Of a string attribute, scalar or array. Throws when absent or of another type. An array of no elements of any
  // type gives none: h5py writes empty lists as float64.
  std::vector<std::string> string_attribute(Object object, std::string_view name) const;

  struct State;  // the parsed headers, hdf5_state.hpp

 private:
  std::unique_ptr<State> state_;
};

}  // namespace burin
