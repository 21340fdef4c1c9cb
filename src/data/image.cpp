#include "data/image.hpp"

#include <algorithm>
#include <array>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"

namespace burin {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

bool begins_with(std::span<const std::byte> bytes, std::span<const uint8_t> signature) {
  return bytes.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), bytes.begin(),
                    [](uint8_t a, std::byte b) { return a == std::to_integer<uint8_t>(b); });
}

constexpr std::array<uint8_t, 3> kJpeg{0xff, 0xd8, 0xff};
constexpr std::array<uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

}  // namespace

Image read_image(const std::string& path) {
  const auto file = value_or_throw(MappedFile::open(path, kMaxFileBytes));
  try {
    if (begins_with(file->bytes(), kJpeg)) return decode_jpeg(file->bytes());
    if (begins_with(file->bytes(), kPng)) return decode_png(file->bytes());
    throw Error(StatusCode::kInvalidArgument, "is no JPEG or PNG picture",
                "remove the file from the folder or convert it to JPEG or PNG");
  } catch (const Error& error) {
    throw Error(error.status().at(path));
  }
}

}  // namespace burin
