// What an open HDF5 file has parsed so far. Headers, groups and heaps are parsed when first asked for.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "formats/hdf5/hdf5_file.hpp"
#include "formats/hdf5/messages.hpp"

namespace burin {

using Hdf5Links = std::map<std::string, Hdf5File::Object, std::less<>>;

struct Hdf5File::State {
  std::span<const std::byte> file;
  std::shared_ptr<const void> keep_alive;
  Hdf5Limits limits;
  Object root = 0;

  std::span<const Hdf5Message> messages(Object object);
  const Hdf5Links& links(Object group);
  // An element of a global heap, where variable-length strings lie.
  std::span<const std::byte> heap_object(uint64_t collection, uint32_t index);

  // Accounts for memory that decoding takes; throws (kResourceLimit) beyond limits.max_decoded_bytes.
  void charge(uint64_t bytes);

 private:
  using HeapObjects = std::unordered_map<uint32_t, std::span<const std::byte>>;
  std::unordered_map<Object, std::vector<Hdf5Message>> headers_;
  std::unordered_map<Object, Hdf5Links> groups_;
  std::unordered_map<uint64_t, HeapObjects> heaps_;
  uint64_t decoded_bytes_ = 0;
};

// A link that is none of a file's own objects (soft, external).
inline constexpr Hdf5File::Object kHdf5ForeignLink = kHdf5Undefined;

// The links of a symbol table or of link messages. group.cpp
Hdf5Links read_links(const Hdf5File::State& state, std::span<const Hdf5Message> messages);

// The leaves of a version 1 B-tree, left to right: `visit(key, child address)` for every entry of level 0.
// `key_size` is that of the tree's type. Loops and repeated nodes are errors. btree.cpp
void walk_btree(std::span<const std::byte> file, uint64_t root, uint8_t type, uint64_t key_size,
                const std::function<void(std::span<const std::byte> key, uint64_t child)>& visit);

// dataset.cpp
Hdf5Data read_dataset(Hdf5File::State& state, Hdf5File::Object object, bool with_elements);

// attribute.cpp
struct Hdf5Attribute {
  Hdf5Type type;
  uint64_t count = 0;
  std::span<const std::byte> values;
};
std::optional<Hdf5Attribute> find_attribute(Hdf5File::State& state, Hdf5File::Object object, std::string_view name);
std::vector<std::string> read_strings(Hdf5File::State& state, const Hdf5Attribute& attribute);

}  // namespace burin
