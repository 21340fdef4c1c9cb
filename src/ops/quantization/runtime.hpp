// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status infer_dequantize(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_quantize(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_dequantize(const EvaluateContext& context);
Status evaluate_quantize(const EvaluateContext& context);

}  // namespace burin
