// For tests and fuzzing: a `.keras` file of a configuration, with weights of no layer.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formats/zip/zip_writer.hpp"

namespace burin {

// An HDF5 file with an empty root group: superblock 2 and an object header without messages.
inline constexpr uint8_t kEmptyHdf5[64] = {137, 72, 68,  70,  13,  10,  26,  10,  2,   8,   8,  0, 0,  0,  0,  0,  0, 0,
                                           0,   0,  255, 255, 255, 255, 255, 255, 255, 255, 64, 0, 0,  0,  0,  0,  0, 0,
                                           48,  0,  0,   0,   0,   0,   0,   0,   0,   0,   0,  0, 79, 72, 68, 82, 2};

inline std::vector<uint8_t> keras_archive(std::span<const std::byte> config) {
  ZipWriter zip;
  zip.add("config.json", config);
  zip.add("model.weights.h5", std::as_bytes(std::span(kEmptyHdf5)));
  return std::move(zip).finish();
}

inline std::vector<uint8_t> keras_archive(std::string_view config) {
  return keras_archive(std::as_bytes(std::span(config)));
}

}  // namespace burin
