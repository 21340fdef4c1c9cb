// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status infer_pad(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_pad(const EvaluateContext& context);
Status evaluate_pad_v2(const EvaluateContext& context);

}  // namespace burin
