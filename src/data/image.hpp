// Pictures in memory, read from JPEG and PNG files.
//
// JPEG by libjpeg-turbo (accurate integer DCT, fancy upsampling; EXIF orientation is ignored), PNG by libpng. Gray,
// palette, 16-bit, alpha (dropped, not blended) and CMYK become 8-bit RGB, as Pillow's convert("RGB") does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace burin {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  // height x width x 3
};

// Larger pictures are refused before memory is allocated.
inline constexpr int kMaxImageSide = 32768;
inline constexpr int64_t kMaxImagePixels = int64_t{100} << 20;

// Told apart by content, not by name. Throws Error naming the file.
Image read_image(const std::string& path);

// The decoders behind it; they throw Error without the file's name.
Image decode_jpeg(std::span<const std::byte> bytes);
Image decode_png(std::span<const std::byte> bytes);

}  // namespace burin
