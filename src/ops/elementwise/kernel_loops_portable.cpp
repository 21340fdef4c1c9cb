#include <bit>
#include <cstdint>

#include "ops/elementwise/loops.hpp"
#include "ops/selection.hpp"

namespace burin {

namespace {
#include "ops/elementwise/kernel_loops.inc.hpp"
}  // namespace

constinit const ElementLoops kLoopsPortable = kLoops;

}  // namespace burin
