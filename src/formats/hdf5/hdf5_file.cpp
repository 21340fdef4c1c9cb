#include "formats/hdf5/hdf5_file.hpp"

#include "formats/hdf5/hdf5_state.hpp"

namespace burin {

namespace {

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";

// The address of the root group's header. `file` begins with the superblock.
Hdf5File::Object read_superblock(std::span<const std::byte> file) {
  ByteCursor cursor(file, 0, "superblock");
  cursor.expect(kSignature);
  const uint8_t version = cursor.u8();
  if (version > 3) throw hdf5_unsupported("a superblock of version " + std::to_string(version));
  if (version < 2) cursor.skip(4);
  const uint8_t offset_size = cursor.u8();
  const uint8_t length_size = cursor.u8();
  if (offset_size != 8 || length_size != 8) throw hdf5_unsupported("addresses that have not 8 bytes");
  if (version < 2) {
    cursor.skip(version == 0 ? 9 : 13);
  } else {
    cursor.skip(1);
  }
  if (cursor.u64() != 0) throw hdf5_unsupported("a base address that is not 0");
  cursor.skip(8);
  const uint64_t end = cursor.u64();
  if (end > file.size()) {
    throw hdf5_damaged("the file has " + std::to_string(file.size()) + " of " + std::to_string(end) + " bytes");
  }
  // Version 0 and 1: the driver information block, then the root's symbol table entry (a name, the header).
  if (version < 2) cursor.skip(16);
  return cursor.u64();
}

}  // namespace

std::string to_string(const Hdf5Type& type) {
  switch (type.type_class) {
    case Hdf5TypeClass::kFloat:
      return "float" + std::to_string(8 * type.size);
    case Hdf5TypeClass::kInteger:
      return (type.is_signed ? "int" : "uint") + std::to_string(8 * type.size);
    case Hdf5TypeClass::kBoolean:
      return "bool";
    case Hdf5TypeClass::kOpaque:
      return "opaque";
    default:
      return "string";
  }
}

Hdf5File::Hdf5File(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive, const Hdf5Limits& limits)
    : state_(std::make_unique<State>()) {
  state_->file = bytes;
  state_->keep_alive = std::move(keep_alive);
  state_->limits = limits;
  state_->root = read_superblock(bytes);
}

Hdf5File::~Hdf5File() = default;

Hdf5File::Object Hdf5File::root() const { return state_->root; }

const Hdf5Links& Hdf5File::links(Object group) const { return state_->links(group); }

std::optional<Hdf5File::Object> Hdf5File::find(Object group, std::string_view path) const {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty()) continue;
    const Hdf5Links& children = state_->links(group);
    const auto child = children.find(part);
    if (child == children.end()) return std::nullopt;
    if (child->second == kHdf5ForeignLink) throw hdf5_unsupported("a soft or external link: " + child->first);
    group = child->second;
  }
  return group;
}

bool Hdf5File::is_dataset(Object object) const {
  return find_message(state_->messages(object), Hdf5MessageType::kLayout) != nullptr;
}

Hdf5Data Hdf5File::describe(Object dataset) const { return read_dataset(*state_, dataset, false); }

Hdf5Data Hdf5File::read(Object dataset) const { return read_dataset(*state_, dataset, true); }

bool Hdf5File::has_attribute(Object object, std::string_view name) const {
  return find_attribute(*state_, object, name).has_value();
}

std::vector<std::string> Hdf5File::string_attribute(Object object, std::string_view name) const {
  const auto attribute = find_attribute(*state_, object, name);
  if (!attribute) throw hdf5_damaged("there is no attribute " + std::string(name));
  if (attribute->count == 0) return {};
  if (attribute->type.type_class != Hdf5TypeClass::kFixedString &&
      attribute->type.type_class != Hdf5TypeClass::kVariableString) {
    throw hdf5_damaged("attribute " + std::string(name) + " is " + to_string(attribute->type) + ", not a string");
  }
  return read_strings(*state_, *attribute);
}

std::span<const Hdf5Message> Hdf5File::State::messages(Object object) {
  const auto found = headers_.find(object);
  if (found != headers_.end()) return found->second;
  return headers_.emplace(object, read_object_header(file, object)).first->second;
}

const Hdf5Links& Hdf5File::State::links(Object group) {
  const auto found = groups_.find(group);
  if (found != groups_.end()) return found->second;
  return groups_.emplace(group, read_links(*this, messages(group))).first->second;
}

std::span<const std::byte> Hdf5File::State::heap_object(uint64_t collection, uint32_t index) {
  auto heap = heaps_.find(collection);
  if (heap == heaps_.end()) {
    ByteCursor cursor(file, collection, "global heap");
    cursor.expect("GCOL");
    cursor.skip(4);
    const uint64_t size = cursor.u64();
    if (size < 16) throw hdf5_damaged("a global heap of " + std::to_string(size) + " bytes");
    ByteCursor objects(cursor.take(size - 16), 0, "global heap");
    HeapObjects entries;
    while (objects.left() >= 16) {
      const uint16_t object_index = objects.u16();
      if (object_index == 0) break;
      objects.skip(6);
      const uint64_t object_size = objects.u64();
      entries.emplace(object_index, objects.take(object_size));
      objects.skip(std::min<uint64_t>((8 - object_size % 8) % 8, objects.left()));
    }
    heap = heaps_.emplace(collection, std::move(entries)).first;
  }
  const auto object = heap->second.find(index);
  if (object == heap->second.end()) throw hdf5_damaged("a string's place in the global heap is empty");
  return object->second;
}

void Hdf5File::State::charge(uint64_t bytes) {
  decoded_bytes_ += bytes;
  if (decoded_bytes_ > limits.max_decoded_bytes) {
    throw Error(StatusCode::kResourceLimit,
                "HDF5: decoding takes more than " + std::to_string(limits.max_decoded_bytes) + " bytes",
                "Only open files from a source that you trust; save the model again.");
  }
}

}  // namespace burin
