// Element types, shapes, quantization parameters and views of tensors, shared by the graph and the runtime.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace burin {

// Values are TensorType of the TFLite schema.
enum class ElementType : uint8_t {
  kFloat32 = 0,
  kFloat16 = 1,
  kInt32 = 2,
  kUInt8 = 3,
  kInt64 = 4,
  kBool = 6,
  kInt16 = 7,
  kInt8 = 9,
  kFloat64 = 10,
  kUInt32 = 15,
  kInt4 = 17,  // two per byte, low nibble first
};

std::string_view name(ElementType type);
// Bits of one element: 4 for kInt4.
int bit_width(ElementType type);

// Dimensions, outermost first; kFree stands for one that is only known when a Program is made.
class Shape {
 public:
  static constexpr int kMaxRank = 8;
  static constexpr int32_t kFree = -1;

  Shape() = default;  // a scalar
  Shape(std::initializer_list<int32_t> dims);
  explicit Shape(std::span<const int32_t> dims);  // dims.size() <= kMaxRank

  int rank() const { return rank_; }
  int32_t operator[](int i) const { return dims_[static_cast<size_t>(i)]; }
  int32_t& operator[](int i) { return dims_[static_cast<size_t>(i)]; }
  int32_t back() const { return dims_[static_cast<size_t>(rank_ - 1)]; }
  std::span<const int32_t> dims() const { return {dims_.data(), static_cast<size_t>(rank_)}; }
  void append(int32_t dim);  // rank() < kMaxRank
  bool is_concrete() const;
  // Product of the dimensions of a concrete shape; -1 when a dimension is free, negative or the product exceeds 2^40.
  int64_t elements() const;
  bool operator==(const Shape& other) const;

 private:
  std::array<int32_t, kMaxRank> dims_{};
  uint8_t rank_ = 0;
};

std::string to_string(const Shape& shape);  // "1x224x224x3", "?x9", "scalar"

// Bytes of a dense tensor, -1 when the shape has no size. An odd number of int4 elements rounds up.
int64_t byte_size(ElementType type, const Shape& shape);

// real = scale * (code - zero_point). One scale, or one per element of dimension `axis`.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;  // as many as scales
  int axis = -1;                     // -1: per tensor

  bool per_channel() const { return axis >= 0; }
  bool operator==(const Quantization&) const = default;
};

// Somebody else's memory seen as a tensor. Data may be unaligned only where it views a constant of a file.
struct TensorView {
  const std::byte* data = nullptr;
  ElementType type = ElementType::kFloat32;
  Shape shape;
  const Quantization* quantization = nullptr;  // null: not quantized

  bool present() const { return data != nullptr; }  // absent: an optional input that was left out
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data);
  }
};

struct MutableTensorView {
  std::byte* data = nullptr;
  ElementType type = ElementType::kFloat32;
  Shape shape;
  const Quantization* quantization = nullptr;

  template <typename T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
  operator TensorView() const { return {data, type, shape, quantization}; }
};

}  // namespace burin
