#include "ops/resize/runtime.hpp"

namespace burin {

Status evaluate_resize_bilinear(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

Status evaluate_resize_nearest_neighbor(const EvaluateContext&) {
  return Status(StatusCode::kUnsupported, "not there yet");
}

}  // namespace burin
