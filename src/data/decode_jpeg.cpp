#include <fmt/format.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>

#include "burin/error.hpp"
#include "data/image.hpp"

namespace burin {
namespace {

constexpr const char* kRemedy = "replace or remove the file";

// libjpeg reports errors by a call that must not return: we jump back into decode().
struct ErrorHandler {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

void on_error(j_common_ptr info) {
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  info->err->format_message(info, handler->message);
  std::longjmp(handler->jump, 1);
}

// Warnings say that data is missing or damaged and was made up; a picture like that is broken.
void on_message(j_common_ptr info, int level) {
  if (level < 0) on_error(info);
}

enum class Outcome { kDone, kBroken, kTooLarge };

// Only plain data here: nothing with a destructor lives across a longjmp.
Outcome decode(jpeg_decompress_struct& info, ErrorHandler& handler, std::span<const std::byte> bytes, Image& image) {
  if (setjmp(handler.jump) != 0) return Outcome::kBroken;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  const auto width = static_cast<int64_t>(info.image_width);
  const auto height = static_cast<int64_t>(info.image_height);
  if (width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels) return Outcome::kTooLarge;
  const bool cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&info);
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.rgb.resize(static_cast<size_t>(width * height) * 3);
  JSAMPARRAY row = (*info.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE,
                                             info.output_width * static_cast<JDIMENSION>(info.output_components), 1);
  while (info.output_scanline < info.output_height) {
    uint8_t* out = image.rgb.data() + static_cast<size_t>(info.output_scanline) * static_cast<size_t>(width) * 3;
    jpeg_read_scanlines(&info, row, 1);
    if (!cmyk) {
      std::copy(row[0], row[0] + width * 3, out);
      continue;
    }
    // Adobe stores inverted inks: the samples are 255 - ink. RGB = (255 - ink) * (255 - black) / 255, rounded as
    // Pillow.
    for (int64_t x = 0; x < width; ++x) {
      const unsigned white = row[0][x * 4 + 3];
      for (int64_t c = 0; c < 3; ++c) {
        const unsigned product = row[0][x * 4 + c] * white + 128;
        out[x * 3 + c] = static_cast<uint8_t>(((product >> 8) + product) >> 8);
      }
    }
  }
  jpeg_finish_decompress(&info);
  return Outcome::kDone;
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes) {
  jpeg_decompress_struct info{};
  ErrorHandler handler{};
  info.err = jpeg_std_error(&handler.base);
  handler.base.error_exit = on_error;
  handler.base.emit_message = on_message;
  Image image;
  const Outcome outcome = decode(info, handler, bytes, image);
  jpeg_destroy_decompress(&info);
  if (outcome == Outcome::kTooLarge) {
    throw Error(StatusCode::kResourceLimit, "the picture has too many pixels", "scale it down");
  }
  if (outcome == Outcome::kBroken) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("broken JPEG picture: {}", handler.message), kRemedy);
  }
  return image;
}

}  // namespace burin
