// Any bytes as an HDF5 file: every object that can be reached is described, read, and asked for its attributes.
#include <cstddef>
#include <cstdint>

#include "burin/error.hpp"
#include "formats/hdf5/hdf5_file.hpp"

namespace {

void visit(const burin::Hdf5File& file, burin::Hdf5File::Object object, int depth, int& budget) {
  if (depth > 8 || --budget < 0) return;
  try {
    for (const char* name : {"model_config", "layer_names", "weight_names", "name", "keras_version"}) {
      if (file.has_attribute(object, name)) file.string_attribute(object, name);
    }
  } catch (const burin::Error&) {
  }
  try {
    if (file.is_dataset(object)) {
      file.describe(object);
      const burin::Hdf5Data data = file.read(object);
      // Touches both ends of what was promised.
      volatile std::byte sink{};
      if (!data.bytes.empty()) sink = data.bytes.front() ^ data.bytes.back();
      (void)sink;
      return;
    }
    for (const auto& [name, child] : file.links(object)) visit(file, child, depth + 1, budget);
  } catch (const burin::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    burin::Hdf5Limits limits;
    limits.max_decoded_bytes = 64 << 20;
    const burin::Hdf5File file(std::as_bytes(std::span(data, size)), nullptr, limits);
    int budget = 200;
    visit(file, file.root(), 0, budget);
  } catch (const burin::Error&) {
  }
  return 0;
}
