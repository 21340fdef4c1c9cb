#include "ops/activation/runtime.hpp"

namespace burin {

Status evaluate_elu(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_gelu(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_hard_swish(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_leaky_relu(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_logistic(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_prelu(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_relu(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_relu6(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_relu_n1_to_1(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_tanh(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
