// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_gelu(const FlatTable& options, Attributes& attributes);
Status parse_leaky_relu(const FlatTable& options, Attributes& attributes);

Status infer_prelu(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_elu(const EvaluateContext& context);
Status evaluate_gelu(const EvaluateContext& context);
Status evaluate_hard_swish(const EvaluateContext& context);
Status evaluate_leaky_relu(const EvaluateContext& context);
Status evaluate_logistic(const EvaluateContext& context);
Status evaluate_prelu(const EvaluateContext& context);
Status evaluate_relu(const EvaluateContext& context);
Status evaluate_relu6(const EvaluateContext& context);
Status evaluate_relu_n1_to_1(const EvaluateContext& context);
Status evaluate_tanh(const EvaluateContext& context);

}  // namespace burin
