#include "formats/zip/append_stored.hpp"

#include <zlib.h>

namespace burin {

namespace {

constexpr size_t kLocalHeaderBytes = 30;
constexpr size_t kCentralHeaderBytes = 46;
constexpr size_t kEndBytes = 22;
constexpr uint32_t kVersion = 20;
constexpr uint32_t kUtf8Names = 1u << 11;
constexpr uint32_t kDate = 1u << 5 | 1u;  // 1 January 1980

class LittleEndian {
 public:
  explicit LittleEndian(std::vector<uint8_t>& bytes) : bytes_(bytes) {}
  LittleEndian& u16(uint32_t value) { return append(value, 2); }
  LittleEndian& u32(uint32_t value) { return append(value, 4); }
  LittleEndian& text(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }

 private:
  LittleEndian& append(uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    return *this;
  }
  std::vector<uint8_t>& bytes_;
};

}  // namespace

size_t stored_archive_bytes(std::string_view name, std::string_view content) {
  return kLocalHeaderBytes + kCentralHeaderBytes + kEndBytes + 2 * name.size() + content.size();
}

void append_stored(std::vector<uint8_t>& bytes, std::string_view name, std::string_view content) {
  const auto local = static_cast<uint32_t>(bytes.size());
  const auto size = static_cast<uint32_t>(content.size());
  const auto name_size = static_cast<uint32_t>(name.size());
  const auto checksum =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(size)));
  LittleEndian out(bytes);
  // version needed, flags, method, time, date, CRC-32, compressed and uncompressed size, lengths of name and extra
  // field
  const auto common = [&] {
    out.u16(kVersion).u16(kUtf8Names).u16(0).u16(0).u16(kDate);
    out.u32(checksum).u32(size).u32(size).u16(name_size).u16(0);
  };
  out.u32(0x04034b50u);
  common();
  out.text(name).text(content);

  const auto central = static_cast<uint32_t>(bytes.size());
  out.u32(0x02014b50u).u16(kVersion);
  common();
  out.u16(0).u16(0).u16(0).u32(0).u32(local);  // comment, disk, internal and external attributes, local header
  out.text(name);

  const auto end = static_cast<uint32_t>(bytes.size());
  out.u32(0x06054b50u).u16(0).u16(0).u16(1).u16(1).u32(end - central).u32(central).u16(0);
}

}  // namespace burin
