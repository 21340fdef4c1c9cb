#include "formats/tflite/read_metadata.hpp"

#include <algorithm>
#include <string_view>

namespace burin {

namespace {

constexpr size_t kMaxLabelBytes = size_t{1} << 20;
constexpr size_t kMaxName = 4096;

// Little-endian fields of a zip archive.
uint32_t read16(std::span<const std::byte> bytes, size_t position) {
  return static_cast<uint32_t>(bytes[position]) | static_cast<uint32_t>(bytes[position + 1]) << 8;
}
uint32_t read32(std::span<const std::byte> bytes, size_t position) {
  return read16(bytes, position) | read16(bytes, position + 2) << 16;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The stored (uncompressed) member `name` of the zip archive at the end of `file`; empty where there is none.
// Format: PKWARE APPNOTE, end of central directory 4.3.16, central header 4.3.12, local header 4.3.7.
std::string_view stored_member(std::span<const std::byte> file, std::string_view name) {
  constexpr size_t kEndBytes = 22, kCentralBytes = 46, kLocalBytes = 30, kMaxComment = 65535;
  if (file.size() < kEndBytes) return {};
  size_t end = file.size() - kEndBytes;
  const size_t lowest = end > kMaxComment ? end - kMaxComment : 0;
  while (read32(file, end) != 0x06054b50u) {
    if (end == lowest) return {};
    --end;
  }
  const size_t entries = read16(file, end + 10);
  size_t position = read32(file, end + 16);
  for (size_t i = 0; i < entries; ++i) {
    if (position > file.size() || file.size() - position < kCentralBytes) return {};
    if (read32(file, position) != 0x02014b50u) return {};
    const size_t name_bytes = read16(file, position + 28);
    const size_t skipped = name_bytes + read16(file, position + 30) + read16(file, position + 32);
    if (file.size() - position - kCentralBytes < skipped) return {};
    const bool stored = read16(file, position + 10) == 0;
    if (stored && as_text(file.subspan(position + kCentralBytes, name_bytes)) == name) {
      const size_t bytes = read32(file, position + 24);
      const size_t local = read32(file, position + 42);
      if (local > file.size() || file.size() - local < kLocalBytes || read32(file, local) != 0x04034b50u) return {};
      const size_t header = kLocalBytes + read16(file, local + 26) + read16(file, local + 28);
      if (file.size() - local < header || file.size() - local - header < bytes) return {};
      return as_text(file.subspan(local + header, bytes));
    }
    position += kCentralBytes + skipped;
  }
  return {};
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const size_t length = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, length);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    result.emplace_back(line);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return result;
}

}  // namespace

void read_metadata(const FlatBuffer& file, const FlatTable& root, Model& model) {
  constexpr uint32_t kMaxEntries = 64;
  const FlatVector entries = root.vector(6);
  for (uint32_t i = 0; i < std::min(entries.size(), kMaxEntries); ++i) {
    if (entries.table(i).string(0) != "TFLITE_METADATA") continue;
    const FlatTable buffer = root.vector(4).table(entries.table(i).scalar<uint32_t>(1, 0));
    const FlatBuffer metadata{buffer.vector(0).bytes(1)};
    // ModelMetadata: name (0), subgraph_metadata (3); SubGraphMetadata: output_tensor_metadata (3);
    // TensorMetadata: associated_files (6); AssociatedFile: name (0), type (2: TENSOR_AXIS_LABELS).
    const FlatTable description = FlatTable::root(metadata, "M001");
    if (const std::string_view name = description.string(0); name.size() <= kMaxName) model.name = name;
    if (const std::string_view text = description.string(1); !text.empty() && text.size() <= kMaxName) {
      model.description = text;
    }
    const FlatVector files = description.vector(3).table(0).vector(3).table(0).vector(6);
    for (uint32_t k = 0; k < std::min(files.size(), kMaxEntries); ++k) {
      if (files.table(k).scalar<int8_t>(2, 0) != 2) continue;
      const std::string_view text = stored_member(file.bytes, files.table(k).string(0));
      if (!text.empty() && text.size() <= kMaxLabelBytes) model.labels = lines(text);
      return;
    }
  }
}

}  // namespace burin
