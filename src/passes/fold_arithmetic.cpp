// conv -> MUL (by constant) -> ADD (constant, RELU) -> y    becomes    conv' (RELU) -> y
// x -> SUB (constant) -> MUL (by constant) -> conv -> y      becomes    x -> conv' -> y
//
// The same as fold_batch_norm for what converters made of batch normalization and rescaling. Constants of one value or
// one per channel; DIV only by a constant.
#include <array>

#include "passes/affine_folding.hpp"
#include "passes/passes.hpp"

namespace burin {

bool fold_arithmetic(Model& model) { return fold_affine(model, std::array{Op::kAdd, Op::kSub, Op::kMul, Op::kDiv}); }

}  // namespace burin
