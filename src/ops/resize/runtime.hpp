// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_resize_bilinear(const FlatTable& options, Attributes& attributes);
Status parse_resize_nearest_neighbor(const FlatTable& options, Attributes& attributes);

Status infer_resize(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_resize_bilinear(const EvaluateContext& context);
Status evaluate_resize_nearest_neighbor(const EvaluateContext& context);

}  // namespace burin
