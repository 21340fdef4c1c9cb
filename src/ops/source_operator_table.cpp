// The runtime rows of source-only operators, apart from the rest of the toolkit: tests of the runtime need them.
#include <array>

#include "ops/elementwise/runtime.hpp"
#include "ops/normalization/kernel.hpp"
#include "ops/normalization/runtime.hpp"
#include "ops/reshape/runtime.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

constexpr std::array<RuntimeOperator, kOpCount - kBuiltinOpCount> kSourceOperators = {{
    {Op::kBatchNormalization, "BATCH_NORMALIZATION", -1, 1, 3, 5, nullptr, infer_batch_normalization,
     evaluate_batch_normalization, prepare_batch_normalization},
    {Op::kIdentity, "IDENTITY", -1, 1, 1, 1, nullptr, infer_unary, evaluate_copy},
    {Op::kRescaling, "RESCALING", -1, 1, 1, 1, nullptr, infer_rescaling, evaluate_rescaling, prepare_rescaling},
}};

constexpr bool rows_in_order() {
  for (size_t i = 0; i < kSourceOperators.size(); ++i) {
    if (static_cast<size_t>(kSourceOperators[i].op) != kBuiltinOpCount + i) return false;
  }
  return true;
}
static_assert(rows_in_order(), "the table needs one row per source-only operator, in order");

}  // namespace

std::span<const RuntimeOperator> source_operator_table() { return kSourceOperators; }

const RuntimeOperator& any_operator(Op op) {
  return is_source_only(op) ? kSourceOperators[static_cast<size_t>(op) - kBuiltinOpCount] : runtime_operator(op);
}

}  // namespace burin
