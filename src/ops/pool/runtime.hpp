// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_pool2d(const FlatTable& options, Attributes& attributes);

Status infer_pool2d(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_average_pool2d(const EvaluateContext& context);
Status evaluate_max_pool2d(const EvaluateContext& context);

}  // namespace burin
