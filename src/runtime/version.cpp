#include "burin/runtime.hpp"

namespace burin {

const char* version() { return BURIN_VERSION; }

}  // namespace burin
