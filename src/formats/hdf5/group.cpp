#include <algorithm>
#include <set>

#include "formats/hdf5/hdf5_state.hpp"

namespace burin {

namespace {

class LinkReader {
 public:
  explicit LinkReader(const Hdf5File::State& state) : state_(state) {}

  Hdf5Links read(std::span<const Hdf5Message> messages) {
    for (const Hdf5Message& message : messages) {
      if (message.type == Hdf5MessageType::kSymbolTable) read_symbol_table(message.data);
      if (message.type == Hdf5MessageType::kLink) read_link(message.data);
      if (message.type == Hdf5MessageType::kLinkInfo) check_link_info(message.data);
    }
    return std::move(links_);
  }

 private:
  void add(std::string name, Hdf5File::Object target) {
    if (links_.size() >= state_.limits.max_links) {
      throw Error(StatusCode::kResourceLimit,
                  "HDF5: a group with more than " + std::to_string(state_.limits.max_links) + " links");
    }
    const auto [link, added] = links_.emplace(std::move(name), target);
    if (!added) throw hdf5_damaged("a group has two links named " + link->first);
  }

  void read_symbol_table(std::span<const std::byte> data) {
    ByteCursor message(data, 0, "symbol table message");
    const uint64_t tree = message.u64();
    ByteCursor heap(state_.file, message.u64(), "local heap");
    heap.expect("HEAP");
    heap.skip(4);
    const uint64_t names_size = heap.u64();
    heap.skip(8);
    ByteCursor names_cursor(state_.file, heap.u64(), "local heap");
    const auto names = names_cursor.take(names_size);
    walk_btree(state_.file, tree, 0, 8, [&](std::span<const std::byte>, uint64_t node) { read_symbols(node, names); });
  }

  void read_symbols(uint64_t address, std::span<const std::byte> names) {
    if (!seen_.insert(address).second) throw hdf5_damaged("a symbol table node is used twice");
    ByteCursor cursor(state_.file, address, "symbol table node");
    cursor.expect("SNOD");
    cursor.skip(2);
    const uint16_t count = cursor.u16();
    for (uint16_t i = 0; i < count; ++i) {
      const uint64_t name_offset = cursor.u64();
      const uint64_t header = cursor.u64();
      constexpr uint32_t kSymbolicLink = 2;
      const uint32_t cache_type = cursor.u32();
      cursor.skip(20);
      if (name_offset >= names.size()) throw hdf5_damaged("a link's name lies outside its heap");
      const auto rest = names.subspan(static_cast<size_t>(name_offset));
      const auto end = std::ranges::find(rest, std::byte{0});
      if (end == rest.end()) throw hdf5_damaged("a link's name does not end");
      add(std::string(reinterpret_cast<const char*>(rest.data()), static_cast<size_t>(end - rest.begin())),
          cache_type == kSymbolicLink ? kHdf5ForeignLink : header);
    }
  }

  void read_link(std::span<const std::byte> data) {
    ByteCursor cursor(data, 0, "link message");
    if (cursor.u8() != 1) throw hdf5_unsupported("a link message of an unknown version");
    const uint8_t flags = cursor.u8();
    const uint8_t type = (flags & 0x08) != 0 ? cursor.u8() : 0;
    if ((flags & 0x04) != 0) cursor.skip(8);
    if ((flags & 0x10) != 0) cursor.skip(1);
    const auto name = cursor.take(cursor.number(1u << (flags & 3)));
    add(std::string(reinterpret_cast<const char*>(name.data()), name.size()),
        type == 0 ? cursor.u64() : kHdf5ForeignLink);
  }

  static void check_link_info(std::span<const std::byte> data) {
    ByteCursor cursor(data, 0, "link info message");
    cursor.skip(1);
    if ((cursor.u8() & 1) != 0) cursor.skip(8);
    if (cursor.u64() != kHdf5Undefined) throw hdf5_unsupported("a group with densely stored links (libver='latest')");
  }

  const Hdf5File::State& state_;
  Hdf5Links links_;
  std::set<uint64_t> seen_;
};

}  // namespace

Hdf5Links read_links(const Hdf5File::State& state, std::span<const Hdf5Message> messages) {
  return LinkReader(state).read(messages);
}

}  // namespace burin
