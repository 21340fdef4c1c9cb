#include <set>

#include "formats/hdf5/hdf5_state.hpp"

namespace burin {

namespace {

class BtreeWalk {
 public:
  BtreeWalk(std::span<const std::byte> file, uint8_t type, uint64_t key_size,
            const std::function<void(std::span<const std::byte>, uint64_t)>& visit)
      : file_(file), type_(type), key_size_(key_size), visit_(visit) {}

  // `level` is what the parent promises; the recursion is as deep as the root's level, below 32.
  void walk(uint64_t address, int level) {
    if (!seen_.insert(address).second) throw hdf5_damaged("the nodes of a B-tree form a loop");
    ByteCursor cursor(file_, address, "B-tree node");
    cursor.expect("TREE");
    if (cursor.u8() != type_) throw hdf5_damaged("a B-tree node of another type");
    const int own_level = cursor.u8();
    if (level >= 0 && own_level != level) throw hdf5_damaged("a B-tree node of another level");
    if (own_level > 31) throw hdf5_damaged("a B-tree of more than 32 levels");
    const uint16_t entries = cursor.u16();
    cursor.skip(16);
    for (uint16_t i = 0; i < entries; ++i) {
      const auto key = cursor.take(key_size_);
      const uint64_t child = cursor.u64();
      if (own_level == 0) {
        visit_(key, child);
      } else {
        walk(child, own_level - 1);
      }
    }
  }

 private:
  std::span<const std::byte> file_;
  uint8_t type_;
  uint64_t key_size_;
  const std::function<void(std::span<const std::byte>, uint64_t)>& visit_;
  std::set<uint64_t> seen_;
};

}  // namespace

void walk_btree(std::span<const std::byte> file, uint64_t root, uint8_t type, uint64_t key_size,
                const std::function<void(std::span<const std::byte> key, uint64_t child)>& visit) {
  BtreeWalk(file, type, key_size, visit).walk(root, -1);
}

}  // namespace burin
