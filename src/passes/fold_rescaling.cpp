// x -> RESCALING -> conv (VALID) -> y         becomes    x -> conv' -> y
// x -> RESCALING -> conv (SAME) -> y          becomes    x -> PADV2 (value v) -> conv' (VALID) -> y
// x -> RESCALING -> PAD -> conv (VALID) -> y  becomes    x -> PADV2 (value v) -> conv' (VALID) -> y
// x -> RESCALING -> RESHAPE -> FULLY_CONNECTED  becomes  x -> RESHAPE -> FULLY_CONNECTED'
//
// v is what the rescaling maps to 0: 127.5 for x / 127.5 - 1. Kernel and bias as in fold_batch_norm; without an offset
// v is 0 and the padding stays as it is. One value or one per channel; where v would differ between channels the
// rescaling stays and lower_rescaling makes operators of it.
#include <array>

#include "passes/affine_folding.hpp"
#include "passes/passes.hpp"

namespace burin {

bool fold_rescaling(Model& model) { return fold_affine(model, std::array{Op::kRescaling}); }

}  // namespace burin
