#include "formats/zip/zip_writer.hpp"

#include <minizip/zip.h>

#include <algorithm>

#include "burin/error.hpp"
#include "formats/zip/memory_stream.hpp"

namespace burin {

struct ZipWriter::State {
  MemoryWriteStream stream;
  zlib_filefunc64_def functions = functions_of(stream);
  zipFile file = nullptr;
};

ZipWriter::ZipWriter() : state_(std::make_unique<State>()) {
  state_->file = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &state_->functions);
}

ZipWriter::~ZipWriter() {
  if (state_->file != nullptr) zipClose(state_->file, nullptr);
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> bytes) {
  zip_fileinfo info{};
  // 1 January 1980, the format's first day.
  info.dosDate = 0x00210000;
  const int needs_zip64 = bytes.size() >= UINT32_MAX ? 1 : 0;
  int status =
      zipOpenNewFileInZip64(state_->file, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, 0, 0, needs_zip64);
  while (status == ZIP_OK && !bytes.empty()) {
    constexpr size_t kPiece = size_t{1} << 30;
    const size_t piece = std::min(bytes.size(), kPiece);
    status = zipWriteInFileInZip(state_->file, bytes.data(), static_cast<unsigned>(piece));
    bytes = bytes.subspan(piece);
  }
  if (status == ZIP_OK) status = zipCloseFileInZip(state_->file);
  if (status != ZIP_OK) throw Error(StatusCode::kIo, "cannot add " + name + " to a zip archive");
}

std::vector<uint8_t> ZipWriter::finish() && {
  const int status = zipClose(state_->file, nullptr);
  state_->file = nullptr;
  if (status != ZIP_OK) throw Error(StatusCode::kIo, "cannot finish a zip archive");
  return std::move(state_->stream.bytes);
}

}  // namespace burin
