// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_arithmetic(const FlatTable& options, Attributes& attributes);

Status infer_unary(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_binary(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_abs(const EvaluateContext& context);
Status evaluate_add(const EvaluateContext& context);
Status evaluate_ceil(const EvaluateContext& context);
Status evaluate_div(const EvaluateContext& context);
Status evaluate_exp(const EvaluateContext& context);
Status evaluate_log(const EvaluateContext& context);
Status evaluate_maximum(const EvaluateContext& context);
Status evaluate_minimum(const EvaluateContext& context);
Status evaluate_mul(const EvaluateContext& context);
Status evaluate_neg(const EvaluateContext& context);
Status evaluate_rsqrt(const EvaluateContext& context);
Status evaluate_sqrt(const EvaluateContext& context);
Status evaluate_square(const EvaluateContext& context);
Status evaluate_sub(const EvaluateContext& context);

}  // namespace burin
