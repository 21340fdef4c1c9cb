// Any bytes as an .npy or .npz file.
#include <cstddef>
#include <cstdint>

#include "burin/error.hpp"
#include "formats/npz/npz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    burin::write_npz(burin::read_npz(bytes, nullptr));
  } catch (const burin::Error&) {
  }
  try {
    burin::read_npy(bytes, nullptr).to_floats();
  } catch (const burin::Error&) {
  }
  return 0;
}
