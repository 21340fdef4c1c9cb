#include "ops/reshape/runtime.hpp"

namespace burin {

Status infer_concatenation(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_expand_dims(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_pack(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_reshape(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_shape(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_slice(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_squeeze(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_strided_slice(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status infer_transpose(const InferContext&, std::span<InferredTensor>) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
