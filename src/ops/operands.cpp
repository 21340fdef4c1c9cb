#include "ops/operands.hpp"

#include <cmath>

#include "ops/requantize.hpp"

namespace burin {

Status unsupported_type(std::string_view op, ElementType type) {
  return Status(StatusCode::kUnsupported, std::string(op) + " does not take " + std::string(name(type)));
}

Status misfit(std::string message) { return Status(StatusCode::kInvalidModel, std::move(message)); }

Status check_size(std::string_view op, const Shape& shape) {
  if (shape.elements() >= 0) return {};
  return Status(StatusCode::kResourceLimit, std::string(op) + " would make a tensor of " + to_string(shape));
}

Status read_integers(std::string_view op, std::string_view what, const TensorView& view, std::vector<int64_t>& values) {
  const std::string place = std::string(op) + ": " + std::string(what);
  if (view.type != ElementType::kInt32 && view.type != ElementType::kInt64) {
    return misfit(place + " must be int32 or int64, not " + std::string(name(view.type)));
  }
  if (view.shape.rank() > 1 && view.shape.elements() > 1024) return misfit(place + " has too many values");
  const int64_t count = view.shape.elements();
  if (count < 0) return misfit(place + " has no size");
  if (!view.present() && count > 0) {
    return Status(StatusCode::kUnsupported, place + " is only known while running",
                  "make it a constant, or give the model fixed input shapes");
  }
  values.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    if (view.type == ElementType::kInt32) {
      int32_t value;
      std::memcpy(&value, view.data + i * sizeof(value), sizeof(value));
      values[i] = value;
    } else {
      std::memcpy(&values[i], view.data + i * sizeof(int64_t), sizeof(int64_t));
    }
  }
  return {};
}

bool normalize_axis(int64_t axis, int rank, int& result) {
  if (axis < -rank || axis >= rank) return false;
  result = static_cast<int>(axis < 0 ? axis + rank : axis);
  return true;
}

Status read_affine(std::string_view op, std::string_view what, const TensorView& view, AffineParameters& parameters) {
  const std::string place = std::string(op) + ": " + std::string(what);
  const Quantization* quantization = view.quantization;
  if (quantization == nullptr || quantization->scales.empty()) {
    return misfit(place + " is " + std::string(name(view.type)) + " without quantization parameters");
  }
  if (quantization->scales.size() != 1 || quantization->zero_points.size() != 1) {
    return misfit(place + " has " + std::to_string(quantization->scales.size()) + " scales where one is needed");
  }
  parameters = {quantization->scales[0], quantization->zero_points[0]};
  if (!(parameters.scale > 0.0f) || !std::isfinite(parameters.scale))
    return misfit(place + " has a scale that is not positive");
  const CodeRange range = code_range(view.type);
  if (parameters.zero_point < range.min || parameters.zero_point > range.max) {
    return misfit(place + " has zero point " + std::to_string(parameters.zero_point) + " outside " +
                  std::string(name(view.type)));
  }
  return {};
}

}  // namespace burin
