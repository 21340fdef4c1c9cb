// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_concatenation(const FlatTable& options, Attributes& attributes);
Status parse_pack(const FlatTable& options, Attributes& attributes);
Status parse_reshape(const FlatTable& options, Attributes& attributes);
Status parse_shape(const FlatTable& options, Attributes& attributes);
Status parse_squeeze(const FlatTable& options, Attributes& attributes);
Status parse_strided_slice(const FlatTable& options, Attributes& attributes);

Status infer_concatenation(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_expand_dims(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_pack(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_reshape(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_shape(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_slice(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_squeeze(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_strided_slice(const InferContext& context, std::span<InferredTensor> outputs);
Status infer_transpose(const InferContext& context, std::span<InferredTensor> outputs);

Status evaluate_concatenation(const EvaluateContext& context);
Status evaluate_copy(const EvaluateContext& context);
Status evaluate_pack(const EvaluateContext& context);
Status evaluate_shape(const EvaluateContext& context);
Status evaluate_slice(const EvaluateContext& context);
Status evaluate_strided_slice(const EvaluateContext& context);
Status evaluate_transpose(const EvaluateContext& context);

}  // namespace burin
