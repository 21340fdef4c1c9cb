// Pages of new memory at once, instead of one fault for each when it is first written.
#pragma once

#include <cstddef>

namespace burin::runtime {

// Only whole pages within [memory, memory + bytes), which will all be written. Without effect where the system cannot.
void fault_in(void* memory, size_t bytes);

}  // namespace burin::runtime
