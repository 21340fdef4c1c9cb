// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status infer_batch_normalization(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_rescaling(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_batch_normalization(const EvaluateContext& context);
Status evaluate_rescaling(const EvaluateContext& context);

}  // namespace burin
