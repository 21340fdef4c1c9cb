// SHA-256 (FIPS 180-4), for splitting data by names in a way that never changes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace burin {

std::array<uint8_t, 32> sha256(std::string_view text);

}  // namespace burin
