// Any bytes as a Keras model. Checksums hide everything behind the zip directory from mutations, so that the
// configuration and the weights are also fuzzed by themselves: the first byte chooses.
//   0: a .keras file; 1: an .h5 file; 2: config.json, with the weights of no layer.
#include <cstddef>
#include <cstdint>

#include "burin/error.hpp"
#include "formats/keras/keras_archive.hpp"
#include "formats/keras/read_keras.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  try {
    if (data[0] % 3 == 0) {
      burin::read_keras(bytes, nullptr);
    } else if (data[0] % 3 == 1) {
      burin::read_keras_h5(bytes, nullptr);
    } else {
      const std::vector<uint8_t> file = burin::keras_archive(bytes);
      burin::read_keras(std::as_bytes(std::span(file)), nullptr);
    }
  } catch (const burin::Error&) {
  }
  return 0;
}
