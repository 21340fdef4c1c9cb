#include "formats/npz/npz.hpp"

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/zip/zip_reader.hpp"
#include "formats/zip/zip_writer.hpp"

namespace burin {

namespace {

constexpr std::string_view kSuffix = ".npy";

}  // namespace

std::vector<NamedArray> read_npz(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive) {
  const ZipReader zip(bytes, std::move(keep_alive));
  std::vector<NamedArray> arrays;
  for (const std::string_view entry_name : zip.names()) {
    if (!entry_name.ends_with(kSuffix)) continue;
    const std::string name(entry_name.substr(0, entry_name.size() - kSuffix.size()));
    const ZipReader::Entry entry = zip.read(entry_name);
    try {
      arrays.push_back({name, read_npy(entry.bytes, entry.keep_alive)});
    } catch (const Error& error) {
      throw Error(error.status().at("array " + name));
    }
  }
  if (arrays.empty()) {
    throw Error(StatusCode::kInvalidModel, "the zip archive has no NumPy arrays", "Save it with numpy.savez.");
  }
  return arrays;
}

std::vector<NamedArray> read_arrays(const std::string& path) {
  const std::shared_ptr<const MappedFile> file = value_or_throw(MappedFile::open(path));
  const auto bytes = file->bytes();
  try {
    const bool zip = bytes.size() > 2 && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'};
    if (zip) return read_npz(bytes, file);
    return {{"input0", read_npy(bytes, file)}};
  } catch (const Error& error) {
    throw Error(error.status().at(path));
  }
}

std::vector<uint8_t> write_npz(std::span<const NamedArray> arrays) {
  ZipWriter zip;
  for (const NamedArray& array : arrays) {
    const std::vector<uint8_t> entry = write_npy(array.array);
    zip.add(array.name + std::string(kSuffix), std::as_bytes(std::span(entry)));
  }
  return std::move(zip).finish();
}

}  // namespace burin
