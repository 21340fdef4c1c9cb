#include "ops/pool/runtime.hpp"

namespace burin {

Status evaluate_average_pool2d(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_max_pool2d(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
