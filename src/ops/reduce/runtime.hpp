// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_reduce(const FlatTable& options, Attributes& attributes);

Status infer_reduce(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_mean(const EvaluateContext& context);
Status evaluate_reduce_max(const EvaluateContext& context);
Status evaluate_sum(const EvaluateContext& context);

}  // namespace burin
