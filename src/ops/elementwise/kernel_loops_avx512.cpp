#if defined(__x86_64__)
#include <bit>
#include <cstdint>

#include "ops/elementwise/loops.hpp"
#include "ops/selection.hpp"

namespace burin {

namespace {
#include "ops/elementwise/kernel_loops.inc.hpp"
}  // namespace

constinit const ElementLoops kLoopsAvx512 = kLoops;

}  // namespace burin
#endif
