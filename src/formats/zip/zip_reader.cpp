#include "formats/zip/zip_reader.hpp"

#include <minizip/unzip.h>
#include <zlib.h>

#include <algorithm>

#include "burin/error.hpp"
#include "formats/zip/memory_stream.hpp"

namespace burin {

namespace {

constexpr uint16_t kEncryptedFlag = 1;
constexpr uint64_t kLargestDeflateRatio = 1032;
constexpr const char* kDamagedRemedy = "The file is damaged or incomplete: copy or save it again.";

constexpr const char* kBombRemedy = "Only open files from a source that you trust; save it again.";

Error damaged(const std::string& what) { return Error(StatusCode::kInvalidModel, what, kDamagedRemedy); }

// minizip's handle over a memory stream.
class Archive {
 public:
  explicit Archive(std::span<const std::byte> bytes) : stream_{bytes}, functions_(functions_of(stream_)) {
    file_ = unzOpen2_64("", &functions_);
    if (file_ == nullptr) throw damaged("not a readable zip archive");
  }
  ~Archive() { unzClose(file_); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  unzFile get() const { return file_; }

 private:
  MemoryReadStream stream_;
  zlib_filefunc64_def functions_;
  unzFile file_;
};

uint32_t crc_of(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// `compressed` -> exactly `size` bytes.
std::shared_ptr<const std::vector<std::byte>> inflate_entry(std::span<const std::byte> compressed, size_t size,
                                                            const std::string& name) {
  auto result = std::make_shared<std::vector<std::byte>>(size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw damaged("entry " + name + ": cannot start to inflate");
  // z_stream counts in 32 bits: feed pieces.
  constexpr size_t kPiece = size_t{1} << 30;
  std::byte sink{};
  size_t read = 0;
  size_t written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t in = std::min(kPiece, compressed.size() - read);
    const size_t out = std::min(kPiece, size - written);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data() + read));
    stream.avail_in = static_cast<uInt>(in);
    // With the output full, one byte more tells a longer entry from a finished one.
    stream.next_out = reinterpret_cast<Bytef*>(out > 0 ? result->data() + written : &sink);
    stream.avail_out = static_cast<uInt>(out > 0 ? out : 1);
    status = inflate(&stream, Z_NO_FLUSH);
    const size_t consumed = in - stream.avail_in;
    const size_t produced = (out > 0 ? out : 1) - stream.avail_out;
    read += consumed;
    if (out == 0 && produced > 0) status = Z_DATA_ERROR;
    if (out > 0) written += produced;
    if (consumed == 0 && produced == 0 && status == Z_OK) status = Z_BUF_ERROR;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != size) throw damaged("entry " + name + ": its compressed data is damaged");
  return result;
}

}  // namespace

ZipReader::ZipReader(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive, const ZipLimits& limits)
    : bytes_(bytes), keep_alive_(std::move(keep_alive)), limits_(limits) {
  const Archive archive(bytes_);
  unz_global_info64 global{};
  if (unzGetGlobalInfo64(archive.get(), &global) != UNZ_OK) throw damaged("the zip directory cannot be read");
  if (global.number_entry > limits_.max_entries) {
    throw Error(StatusCode::kResourceLimit,
                "the zip archive has " + std::to_string(global.number_entry) + " entries, at most " +
                    std::to_string(limits_.max_entries) + " are read",
                kDamagedRemedy);
  }
  if (global.number_entry == 0) return;
  uint64_t total_bytes = 0;
  int status = unzGoToFirstFile(archive.get());
  for (; status == UNZ_OK; status = unzGoToNextFile(archive.get())) {
    unz_file_info64 info{};
    std::string name(UINT16_MAX, '\0');
    unz64_file_pos position{};
    if (unzGetCurrentFileInfo64(archive.get(), &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
        unzGetFilePos64(archive.get(), &position) != UNZ_OK) {
      throw damaged("the zip directory cannot be read");
    }
    name.resize(std::min<size_t>(info.size_filename, name.size()));
    total_bytes += std::min<uint64_t>(info.uncompressed_size, UINT64_MAX - total_bytes);
    const auto [entry, added] =
        entries_.emplace(std::move(name), Location{position.pos_in_zip_directory, position.num_of_file});
    if (!added) throw damaged("the zip archive has two entries named " + entry->first);
  }
  if (status != UNZ_END_OF_LIST_OF_FILE) throw damaged("the zip directory cannot be read");
  // Many small entries, or entries that share their data.
  if (total_bytes > limits_.bomb_bytes && total_bytes / limits_.bomb_ratio > bytes_.size()) {
    throw Error(StatusCode::kResourceLimit,
                "the zip archive would grow from " + std::to_string(bytes_.size()) + " to " +
                    std::to_string(total_bytes) + " bytes, which looks like a zip bomb",
                kBombRemedy);
  }
}

std::vector<std::string_view> ZipReader::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, location] : entries_) names.push_back(name);
  return names;
}

ZipReader::Entry ZipReader::read(std::string_view entry_name) const {
  const std::string name(entry_name);
  const auto found = entries_.find(entry_name);
  if (found == entries_.end()) throw damaged("the zip archive has no entry " + name);
  const Archive archive(bytes_);
  const unz64_file_pos position{found->second.directory_position, found->second.number};
  unz_file_info64 info{};
  if (unzGoToFilePos64(archive.get(), &position) != UNZ_OK ||
      unzGetCurrentFileInfo64(archive.get(), &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK) {
    throw damaged("entry " + name + ": the zip directory cannot be read");
  }
  if ((info.flag & kEncryptedFlag) != 0) {
    throw Error(StatusCode::kUnsupported, "entry " + name + " is encrypted", "Save the file without a password.");
  }
  if (info.compression_method != 0 && info.compression_method != Z_DEFLATED) {
    throw Error(StatusCode::kUnsupported,
                "entry " + name + " is compressed by method " + std::to_string(info.compression_method),
                "Pack the archive again, stored or deflated.");
  }
  const bool stored = info.compression_method == 0;
  if (info.uncompressed_size > limits_.max_entry_bytes) {
    throw Error(StatusCode::kResourceLimit, "entry " + name + " has " + std::to_string(info.uncompressed_size) +
                                                " bytes, at most " + std::to_string(limits_.max_entry_bytes) +
                                                " are read");
  }
  // Raw: only the local header is checked, the position of the data is what is wanted.
  int method = 0;
  if (unzOpenCurrentFile2(archive.get(), &method, nullptr, 1) != UNZ_OK) {
    throw damaged("entry " + name + ": its local header does not fit the zip directory");
  }
  const uint64_t begin = unzGetCurrentFileZStreamPos64(archive.get());
  unzCloseCurrentFile(archive.get());
  if (begin > bytes_.size() || info.compressed_size > bytes_.size() - begin) {
    throw damaged("entry " + name + " ends outside the file");
  }
  const auto data = bytes_.subspan(static_cast<size_t>(begin), static_cast<size_t>(info.compressed_size));
  Entry entry;
  if (stored) {
    if (info.compressed_size != info.uncompressed_size) throw damaged("entry " + name + " has two sizes");
    entry = {data, keep_alive_};
  } else {
    if (info.uncompressed_size / kLargestDeflateRatio > info.compressed_size) {
      throw damaged("entry " + name + ": its compressed data is too short for its size");
    }
    if (info.uncompressed_size > limits_.bomb_bytes &&
        info.uncompressed_size / limits_.bomb_ratio > info.compressed_size) {
      throw Error(StatusCode::kResourceLimit,
                  "entry " + name + " would grow from " + std::to_string(info.compressed_size) + " to " +
                      std::to_string(info.uncompressed_size) + " bytes, which looks like a zip bomb",
                  kBombRemedy);
    }
    auto inflated = inflate_entry(data, static_cast<size_t>(info.uncompressed_size), name);
    entry = {*inflated, inflated};
  }
  if (crc_of(entry.bytes) != info.crc) throw damaged("entry " + name + " is damaged: its checksum does not match");
  return entry;
}

}  // namespace burin
