// Calls an operator of the table with explicit values: shape inference first, then the reference evaluation.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "ops/operator.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

class OperatorCall {
 public:
  explicit OperatorCall(Op op, Attributes attributes = {}, Arithmetic arithmetic = Arithmetic::kLitert)
      : op_(op), attributes_(std::move(attributes)), arithmetic_(arithmetic) {}

  template <typename T>
  OperatorCall& input(ElementType type, const Shape& shape, const std::vector<T>& values,
                      const Quantization& quantization = {}) {
    std::vector<std::byte>& bytes = data_.emplace_back(values.size() * sizeof(T) + 1);  // an address even when empty
    std::memcpy(bytes.data(), values.data(), values.size() * sizeof(T));
    inputs_.push_back({bytes.data(), type, shape, keep(quantization)});
    return *this;
  }
  OperatorCall& floats(const Shape& shape, const std::vector<float>& values) {
    return input(ElementType::kFloat32, shape, values);
  }
  OperatorCall& integers(const Shape& shape, const std::vector<int32_t>& values) {
    return input(ElementType::kInt32, shape, values);
  }
  OperatorCall& int8(const Shape& shape, const std::vector<int8_t>& values, float scale, int32_t zero_point) {
    return input(ElementType::kInt8, shape, values, {{scale}, {zero_point}, -1});
  }
  // Only its shape is known when the shape is inferred.
  OperatorCall& unknown(ElementType type, const Shape& shape) {
    inputs_.push_back({nullptr, type, shape, nullptr});
    return *this;
  }
  OperatorCall& output(ElementType type, const Quantization& quantization = {}) {
    output_type_ = type;
    output_quantization_ = keep(quantization);
    return *this;
  }

  Status infer(InferredTensor& inferred) const {
    const std::unique_ptr<bool[]> present(new bool[inputs_.size()]);
    std::fill_n(present.get(), inputs_.size(), true);
    inferred = {output_type_, {}};
    return any_operator(op_).infer({inputs_, {present.get(), inputs_.size()}, attributes_}, {&inferred, 1});
  }
  // The message of shape inference's or the evaluation's error; empty: none.
  std::string error() {
    const Status status = run();
    return status.is_ok() ? std::string() : status.message();
  }
  template <typename T>
  std::vector<T> values() {
    const Status status = run();
    if (!status.is_ok()) return {};
    std::vector<T> result(static_cast<size_t>(shape_.elements()));
    std::memcpy(result.data(), result_.data(), result.size() * sizeof(T));
    return result;
  }
  const Shape& shape() const { return shape_; }

 private:
  const Quantization* keep(const Quantization& quantization) {
    return quantization.scales.empty() ? nullptr : &quantizations_.emplace_back(quantization);
  }

  Status run() {
    InferredTensor inferred;
    if (Status status = infer(inferred); !status.is_ok()) return status;
    shape_ = inferred.shape;
    result_.assign(static_cast<size_t>(byte_size(inferred.type, inferred.shape)) + 1, std::byte{0x5a});
    const MutableTensorView output{result_.data(), inferred.type, inferred.shape, output_quantization_};
    return any_operator(op_).evaluate({inputs_, {&output, 1}, attributes_, arithmetic_});
  }

  Op op_;
  Attributes attributes_;
  Arithmetic arithmetic_;
  std::deque<std::vector<std::byte>> data_;
  std::deque<Quantization> quantizations_;
  std::vector<TensorView> inputs_;
  ElementType output_type_ = ElementType::kFloat32;
  const Quantization* output_quantization_ = nullptr;
  Shape shape_;
  std::vector<std::byte> result_;
};

}  // namespace burin
