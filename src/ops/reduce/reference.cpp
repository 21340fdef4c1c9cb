#include "ops/reduce/runtime.hpp"

namespace burin {

Status evaluate_mean(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_reduce_max(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_sum(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
