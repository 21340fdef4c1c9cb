// Appends a zip archive with one uncompressed member to the end of another file's bytes, as TFLite Metadata packs
// associated files into a `.tflite`. Format: PKWARE APPNOTE 4.3.6. All offsets count from the start of `bytes`, not of
// the archive (as ZipWriter counts): some readers of TFLite Metadata cannot handle an archive behind other data
// otherwise.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace burin {

// How much append_stored() adds.
size_t stored_archive_bytes(std::string_view name, std::string_view content);

// Dates are fixed, so that the same input gives the same bytes. `bytes` and `content` must be smaller than 4 GiB.
void append_stored(std::vector<uint8_t>& bytes, std::string_view name, std::string_view content);

}  // namespace burin
