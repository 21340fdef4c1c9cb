#include "ops/reshape/runtime.hpp"

namespace burin {

Status evaluate_concatenation(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_copy(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_pack(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_shape(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_slice(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_strided_slice(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_transpose(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
