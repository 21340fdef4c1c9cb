// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_fully_connected(const FlatTable& options, Attributes& attributes);

Status infer_fully_connected(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_fully_connected(const EvaluateContext& context);

}  // namespace burin
