// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_conv2d(const FlatTable& options, Attributes& attributes);
Status parse_depthwise_conv2d(const FlatTable& options, Attributes& attributes);

Status infer_conv2d(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_depthwise_conv2d(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_conv2d(const EvaluateContext& context);
Status evaluate_depthwise_conv2d(const EvaluateContext& context);

}  // namespace burin
