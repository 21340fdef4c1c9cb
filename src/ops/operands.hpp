// What every operator family needs to look at its operands: aligned views, integers of shape tensors, quantization
// parameters, and the wording of errors.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "burin/status.hpp"
#include "burin/tensor_types.hpp"
#include "ops/operator.hpp"

namespace burin {

// The values of a tensor at an address that T can be read from: a constant of a file may lie unaligned and is then
// copied. T must have the size of the tensor's element type.
template <typename T>
class InputValues {
 public:
  explicit InputValues(const TensorView& view) : data_(view.as<T>()) {
    if (view.data == nullptr || reinterpret_cast<uintptr_t>(view.data) % alignof(T) == 0) return;
    const int64_t bytes = byte_size(view.type, view.shape);
    copy_.resize(static_cast<size_t>(bytes) / sizeof(T));
    std::memcpy(copy_.data(), view.data, copy_.size() * sizeof(T));
    data_ = copy_.data();
  }
  InputValues(const InputValues&) = delete;
  InputValues& operator=(const InputValues&) = delete;

  const T* data() const { return data_; }
  const T& operator[](int64_t i) const { return data_[i]; }

 private:
  const T* data_;
  std::vector<T> copy_;
};

// "CONV_2D does not take int64": an element type without an evaluation.
Status unsupported_type(std::string_view op, ElementType type);
// Inputs that do not fit together.
Status misfit(std::string message);
// Accepts the inferred shape unless it is too large to have a size.
Status check_size(std::string_view op, const Shape& shape);

// The values of an int32 or int64 tensor, or an error that names `what` ("paddings").
Status read_integers(std::string_view op, std::string_view what, const TensorView& view, std::vector<int64_t>& values);
// A dimension counted from the end where negative; false when there is no such dimension.
bool normalize_axis(int64_t axis, int rank, int& result);

// Scale and zero point of a tensor with one of each.
struct AffineParameters {
  float scale = 1.0f;
  int32_t zero_point = 0;
  bool operator==(const AffineParameters&) const = default;
};
// `what` names the tensor in the error ("input", "output").
Status read_affine(std::string_view op, std::string_view what, const TensorView& view, AffineParameters& parameters);

// Rows and columns of a tensor seen as a matrix of its last dimension.
struct RowsOf {
  int64_t rows;
  int64_t columns;
};
inline RowsOf rows_of(const Shape& shape) {
  const int64_t columns = shape.rank() == 0 ? 1 : shape.back();
  return {columns == 0 ? 0 : shape.elements() / columns, columns};
}

}  // namespace burin
