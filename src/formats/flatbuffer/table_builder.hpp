// Writes one FlatBuffers table by field index. Vectors, strings and tables that it points to are finished before it.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>

namespace burin {

class TableBuilder {
 public:
  explicit TableBuilder(flatbuffers::FlatBufferBuilder& builder) : builder_(builder), start_(builder.StartTable()) {}

  // Nothing is stored where `value` is the schema's default.
  template <typename T>
  TableBuilder& scalar(int field, T value, T default_value) {
    builder_.AddElement(slot(field), value, default_value);
    return *this;
  }
  // `offset` 0: the field is left out.
  TableBuilder& offset(int field, uint32_t offset) {
    builder_.AddOffset(slot(field), flatbuffers::Offset<void>(offset));
    return *this;
  }
  uint32_t finish() { return builder_.EndTable(start_); }

 private:
  static flatbuffers::voffset_t slot(int field) {
    return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(field));
  }

  flatbuffers::FlatBufferBuilder& builder_;
  uint32_t start_;
};

}  // namespace burin
