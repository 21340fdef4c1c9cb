#include <gtest/gtest.h>
#include <minizip/zip.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "burin/error.hpp"
#include "formats/zip/memory_stream.hpp"
#include "formats/zip/zip_reader.hpp"
#include "formats/zip/zip_writer.hpp"

namespace burin {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(const ZipReader::Entry& entry) {
  return {reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()};
}

// An archive of one deflated entry.
std::vector<uint8_t> deflated(const std::string& name, std::string_view content) {
  MemoryWriteStream stream;
  zlib_filefunc64_def functions = functions_of(stream);
  zipFile file = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &functions);
  zip_fileinfo info{};
  zipOpenNewFileInZip64(file, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED, 9, 0);
  zipWriteInFileInZip(file, content.data(), static_cast<unsigned>(content.size()));
  zipCloseFileInZip(file);
  zipClose(file, nullptr);
  return std::move(stream.bytes);
}

std::vector<uint8_t> stored(std::initializer_list<std::pair<std::string, std::string>> entries) {
  ZipWriter zip;
  for (const auto& [name, content] : entries) zip.add(name, bytes_of(content));
  return std::move(zip).finish();
}

ZipReader open(const std::vector<uint8_t>& file, const ZipLimits& limits = {}) {
  return ZipReader(std::as_bytes(std::span(file)), nullptr, limits);
}

std::string error_of(const std::vector<uint8_t>& file, std::string_view entry, const ZipLimits& limits = {}) {
  try {
    open(file, limits).read(entry);
  } catch (const Error& error) {
    return error.status().message();
  }
  return "no error";
}

// Every occurrence, in the local header and in the directory.
std::vector<uint8_t> replaced(std::vector<uint8_t> file, std::string_view from, std::string_view to) {
  for (auto it = file.begin(); (it = std::search(it, file.end(), from.begin(), from.end())) != file.end(); ++it) {
    std::copy(to.begin(), to.end(), it);
  }
  return file;
}

TEST(Zip, ViewsStoredEntriesInPlace) {
  const std::vector<uint8_t> file = stored({{"b.txt", "second"}, {"a/b.txt", "first"}, {"empty", ""}});
  const ZipReader zip = open(file);
  EXPECT_EQ(zip.names(), (std::vector<std::string_view>{"a/b.txt", "b.txt", "empty"}));
  EXPECT_EQ(text_of(zip.read("a/b.txt")), "first");
  EXPECT_EQ(text_of(zip.read("empty")), "");
  const ZipReader::Entry entry = zip.read("b.txt");
  EXPECT_EQ(text_of(entry), "second");
  const auto* begin = reinterpret_cast<const std::byte*>(file.data());
  EXPECT_TRUE(entry.bytes.data() > begin && entry.bytes.data() < begin + file.size());
}

TEST(Zip, WritesTheSameBytesAgain) { EXPECT_EQ(stored({{"a", "x"}, {"b", "y"}}), stored({{"a", "x"}, {"b", "y"}})); }

TEST(Zip, InflatesDeflatedEntries) {
  std::string content;
  for (int i = 0; i < 5000; ++i) content += std::to_string(i * i % 977);
  const std::vector<uint8_t> file = deflated("numbers", content);
  EXPECT_LT(file.size(), content.size());
  EXPECT_EQ(text_of(open(file).read("numbers")), content);
}

TEST(Zip, RefusesBombs) {
  const std::vector<uint8_t> file = deflated("bomb", std::string(3 << 20, '\0'));
  EXPECT_EQ(open(file).read("bomb").bytes.size(), size_t{3} << 20);
  ZipLimits limits;
  limits.bomb_bytes = 1 << 20;
  EXPECT_NE(error_of(file, "bomb", limits).find("looks like a zip bomb"), std::string::npos);
  limits = {};
  limits.max_entry_bytes = 1000;
  EXPECT_EQ(error_of(file, "bomb", limits), "entry bomb has 3145728 bytes, at most 1000 are read");
  EXPECT_EQ(error_of(stored({{"a", "x"}, {"b", "y"}}), "a", ZipLimits{.max_entries = 1}),
            "the zip archive has 2 entries, at most 1 are read");
}

TEST(Zip, RefusesDamage) {
  const std::vector<uint8_t> file = stored({{"one", "content"}, {"two", "CONTENT"}});
  EXPECT_EQ(error_of(replaced(file, "content", "contend"), "one"), "entry one is damaged: its checksum does not match");
  EXPECT_EQ(error_of(replaced(file, "two", "one"), "one"), "the zip archive has two entries named one");
  EXPECT_EQ(error_of(file, "three"), "the zip archive has no entry three");
  EXPECT_EQ(error_of({file.begin(), file.end() - 30}, "one"), "not a readable zip archive");
  EXPECT_EQ(error_of({}, "one"), "not a readable zip archive");
  // Bit 0 of the flags, after the version, in both headers.
  std::vector<uint8_t> encrypted = file;
  for (const auto& [mark, offset] : {std::pair<std::string_view, int>{"PK\3\4", 6}, {"PK\1\2", 8}}) {
    *(std::search(encrypted.begin(), encrypted.end(), mark.begin(), mark.end()) + offset) |= 1;
  }
  EXPECT_EQ(error_of(encrypted, "one"), "entry one is encrypted");
}

TEST(Zip, SurvivesTruncationAndFlippedBits) {
  std::string content(300, 'x');
  for (const std::vector<uint8_t>& file : {deflated("numbers", content), stored({{"numbers", content}})}) {
    for (size_t length = 0; length < file.size(); ++length) {
      // Without its last bytes the directory's end is still found; a part of the content is never returned.
      const std::string error = error_of({file.begin(), file.begin() + static_cast<ptrdiff_t>(length)}, "numbers");
      if (length + 12 < file.size()) {
        EXPECT_NE(error, "no error") << "length " << length;
      }
    }
    for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
      std::vector<uint8_t> flipped = file;
      flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      try {
        EXPECT_EQ(text_of(open(flipped).read("numbers")), content) << "bit " << bit;
      } catch (const Error& error) {
        EXPECT_FALSE(error.status().message().empty());
      }
    }
  }
}

}  // namespace
}  // namespace burin
