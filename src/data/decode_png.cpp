#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "burin/error.hpp"
#include "data/image.hpp"

namespace burin {
namespace {

// libpng reports errors by a call that must not return: we jump back into decode().
struct Reader {
  std::span<const std::byte> bytes;
  size_t position = 0;
  char message[128] = {};
};

void on_error(png_structp png, png_const_charp message) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::snprintf(reader->message, sizeof reader->message, "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->bytes.size() - reader->position) png_error(png, "the file ends too early");
  std::memcpy(out, reader->bytes.data() + reader->position, count);
  reader->position += count;
}

// Only plain data here: nothing with a destructor lives across a longjmp.
bool decode(png_structp png, png_infop info, Reader& reader, Image& image) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &reader, on_read);
  png_set_user_limits(png, kMaxImageSide, kMaxImageSide);
  png_set_chunk_malloc_max(png, png_alloc_size_t{8} << 20);
  png_read_info(png, info);
  const auto width = static_cast<int64_t>(png_get_image_width(png, info));
  const auto height = static_cast<int64_t>(png_get_image_height(png, info));
  if (width * height > kMaxImagePixels) png_error(png, "the picture has too many pixels");
  if (png_get_bit_depth(png, info) == 16) png_set_strip_16(png);
  png_set_expand(png);  // palette, 1 to 4 bits, tRNS
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != static_cast<size_t>(width) * 3) png_error(png, "unexpected pixel format");
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.rgb.resize(static_cast<size_t>(width * height) * 3);
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t y = 0; y < height; ++y) png_read_row(png, image.rgb.data() + y * width * 3, nullptr);
  }
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

Image decode_png(std::span<const std::byte> bytes) {
  Reader reader;
  reader.bytes = bytes;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  Image image;
  const bool done = info != nullptr && decode(png, info, reader, image);
  png_destroy_read_struct(&png, &info, nullptr);
  if (!done) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("broken PNG picture: {}", reader.message),
                "replace or remove the file");
  }
  return image;
}

}  // namespace burin
