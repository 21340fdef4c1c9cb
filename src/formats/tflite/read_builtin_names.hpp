// Names of all operators of the TFLite schema, so that errors can speak of those that Burin does not have.
#pragma once

#include <cstdint>
#include <string>

namespace burin {

std::string builtin_name(int32_t code);

}  // namespace burin
