// Writes everything that the HDF5 reader finds in a file as JSON to standard output, for tests against h5py:
// path -> {"type", "shape", "bytes" (hexadecimal)} of datasets, {"attributes"} of groups (those asked for by name).
//   dump_hdf5 FILE [ATTRIBUTE ...]
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/hdf5/hdf5_file.hpp"

namespace {

using nlohmann::json;

std::string hexadecimal(std::span<const std::byte> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += kDigits[std::to_integer<int>(b) >> 4];
    text += kDigits[std::to_integer<int>(b) & 15];
  }
  return text;
}

void dump(const burin::Hdf5File& file, burin::Hdf5File::Object object, const std::string& path,
          std::span<char*> attributes, json& result) {
  json& entry = result[path.empty() ? "/" : path];
  for (const char* name : attributes) {
    if (file.has_attribute(object, name)) entry["attributes"][name] = file.string_attribute(object, name);
  }
  if (file.is_dataset(object)) {
    const burin::Hdf5Data data = file.read(object);
    entry["type"] = burin::to_string(data.type);
    entry["shape"] = data.shape;
    entry["bytes"] = hexadecimal(data.bytes);
    return;
  }
  for (const auto& [name, child] : file.links(object)) dump(file, child, path + "/" + name, attributes, result);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  try {
    const auto mapped = burin::value_or_throw(burin::MappedFile::open(argv[1]));
    const burin::Hdf5File file(mapped->bytes(), mapped);
    json result = json::object();
    dump(file, file.root(), "", std::span(argv + 2, static_cast<size_t>(argc - 2)), result);
    std::printf("%s\n", result.dump().c_str());
    return 0;
  } catch (const burin::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
