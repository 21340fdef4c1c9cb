#include <algorithm>

#include "formats/hdf5/hdf5_state.hpp"

namespace burin {

namespace {

std::string text_of(std::span<const std::byte> bytes) {
  const auto end = std::ranges::find(bytes, std::byte{0});
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(end - bytes.begin())};
}

struct NamedAttribute {
  std::string name;
  std::span<const std::byte> datatype;
  std::span<const std::byte> dataspace;
  std::span<const std::byte> values;
  bool shared_datatype = false;
};

NamedAttribute read_attribute(std::span<const std::byte> message) {
  ByteCursor cursor(message, 0, "attribute message");
  const uint8_t version = cursor.u8();
  if (version < 1 || version > 3) throw hdf5_unsupported("an attribute of version " + std::to_string(version));
  const uint8_t flags = cursor.u8();
  const uint64_t name_size = cursor.u16();
  const uint64_t type_size = cursor.u16();
  const uint64_t space_size = cursor.u16();
  if (version == 3) cursor.skip(1);
  const auto padded = [&](uint64_t size) {
    const auto data = cursor.take(size);
    if (version == 1) cursor.skip((8 - size % 8) % 8);
    return data;
  };
  NamedAttribute attribute;
  attribute.name = text_of(padded(name_size));
  attribute.datatype = padded(type_size);
  attribute.dataspace = padded(space_size);
  attribute.values = cursor.take(cursor.left());
  attribute.shared_datatype = version > 1 && (flags & 3) != 0;
  return attribute;
}

}  // namespace

std::optional<Hdf5Attribute> find_attribute(Hdf5File::State& state, Hdf5File::Object object, std::string_view name) {
  for (const Hdf5Message& message : state.messages(object)) {
    if (message.type == Hdf5MessageType::kAttributeInfo) {
      ByteCursor cursor(message.data, 0, "attribute info message");
      cursor.skip(1);
      if ((cursor.u8() & 1) != 0) cursor.skip(2);
      if (cursor.u64() != kHdf5Undefined) throw hdf5_unsupported("densely stored attributes (libver='latest')");
    }
    if (message.type != Hdf5MessageType::kAttribute) continue;
    const NamedAttribute attribute = read_attribute(message.data);
    if (attribute.name != name) continue;
    if (attribute.shared_datatype) throw hdf5_unsupported("attribute " + attribute.name + " of a named datatype");
    const auto shape = read_dataspace(attribute.dataspace);
    Hdf5Attribute found;
    found.count = shape ? element_count(*shape) : 0;
    if (found.count == 0) return found;
    found.type = read_datatype(attribute.datatype);
    if (attribute.values.size() / found.type.size < found.count) {
      throw hdf5_damaged("attribute " + attribute.name + " ends outside its message");
    }
    found.values = attribute.values.first(static_cast<size_t>(found.count * found.type.size));
    return found;
  }
  return std::nullopt;
}

std::vector<std::string> read_strings(Hdf5File::State& state, const Hdf5Attribute& attribute) {
  if (attribute.count > state.limits.max_strings) {
    throw Error(StatusCode::kResourceLimit, "HDF5: " + std::to_string(attribute.count) + " strings in one place");
  }
  std::vector<std::string> strings;
  ByteCursor cursor(attribute.values, 0, "string");
  for (uint64_t i = 0; i < attribute.count; ++i) {
    if (attribute.type.type_class == Hdf5TypeClass::kFixedString) {
      state.charge(attribute.type.size);
      strings.push_back(text_of(cursor.take(attribute.type.size)));
      continue;
    }
    const uint32_t length = cursor.u32();
    const uint64_t collection = cursor.u64();
    const uint32_t index = cursor.u32();
    if (length == 0) {
      strings.emplace_back();
      continue;
    }
    const auto object = state.heap_object(collection, index);
    if (length > object.size()) throw hdf5_damaged("a string is longer than its place in the heap");
    state.charge(length);
    strings.push_back(text_of(object.first(length)));
  }
  return strings;
}

}  // namespace burin
