#include "data/tensor_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "burin/error.hpp"

namespace burin {
namespace {

[[noreturn]] void refuse(ElementType type) {
  throw Error(StatusCode::kUnsupported,
              "tensors of type " + std::string(name(type)) + " are not read or fed as numbers",
              "use a model whose inputs and outputs are float32, int8, uint8, int16, int32, int64 or bool");
}

// One scale and zero point, or one per element of the axis.
struct Codes {
  const Quantization* quantization;
  size_t inner = 1;  // elements per step of the axis

  explicit Codes(const TensorView& tensor) : quantization(tensor.quantization) {
    if (quantization != nullptr && quantization->per_channel()) {
      for (int i = quantization->axis + 1; i < tensor.shape.rank(); ++i) inner *= static_cast<size_t>(tensor.shape[i]);
    }
  }
  size_t channel(size_t element) const {
    return quantization->scales.size() == 1 ? 0 : element / inner % quantization->scales.size();
  }
};

// Codes of 8 bits with one scale, without branches and calls, so that the compiler can use vectors. False: other ones.
template <typename T>
bool store_bytes(std::span<const float> values, const Quantization& quantization, T* out) {
  const int32_t zero_point = quantization.zero_points[0];
  if (quantization.scales.size() != 1 || zero_point < -255 || zero_point > 255) return false;
  const float scale = quantization.scales[0];
  constexpr float kBeyond = 1024.0f;     // any code, whatever the zero point
  constexpr float kInteger = 0x1.8p23f;  // added, it leaves no room for a fraction: half to even
  for (size_t i = 0; i < values.size(); ++i) {
    const float scaled = values[i] == values[i] ? values[i] / scale : 0.0f;
    const float inside = scaled > -kBeyond ? (scaled < kBeyond ? scaled : kBeyond) : -kBeyond;
    const int32_t code = static_cast<int32_t>((inside + kInteger) - kInteger) + zero_point;
    constexpr int32_t kLow = std::numeric_limits<T>::lowest(), kHigh = std::numeric_limits<T>::max();
    out[i] = static_cast<T>(code > kLow ? (code < kHigh ? code : kHigh) : kLow);
  }
  return true;
}

template <typename T>
void store(std::span<const float> values, const MutableTensorView& tensor) {
  T* out = tensor.as<T>();
  const Codes codes(tensor);
  if constexpr (sizeof(T) == 1) {
    if (codes.quantization != nullptr && store_bytes(values, *codes.quantization, out)) return;
  }
  constexpr double kLow = static_cast<double>(std::numeric_limits<T>::lowest());
  constexpr double kHigh = static_cast<double>(std::numeric_limits<T>::max());
  for (size_t i = 0; i < values.size(); ++i) {
    double code = static_cast<double>(values[i]);
    if (codes.quantization != nullptr) {
      const size_t channel = codes.channel(i);
      const float scaled = std::isnan(values[i]) ? 0.0f : values[i] / codes.quantization->scales[channel];
      code = static_cast<double>(std::nearbyint(scaled)) + codes.quantization->zero_points[channel];
    } else {
      code = std::isnan(code) ? 0.0 : std::nearbyint(code);
    }
    out[i] = code >= kHigh  ? std::numeric_limits<T>::max()
             : code <= kLow ? std::numeric_limits<T>::lowest()
                            : static_cast<T>(code);
  }
}

template <typename T>
std::vector<float> load(const TensorView& tensor, size_t count) {
  const T* in = tensor.as<T>();
  const Codes codes(tensor);
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) {
    if (codes.quantization != nullptr) {
      const size_t channel = codes.channel(i);
      values[i] = codes.quantization->scales[channel] *
                  static_cast<float>(static_cast<int64_t>(in[i]) - codes.quantization->zero_points[channel]);
    } else {
      values[i] = static_cast<float>(in[i]);
    }
  }
  return values;
}

}  // namespace

void store_values(std::span<const float> values, const MutableTensorView& tensor) {
  switch (tensor.type) {
    case ElementType::kFloat32:
      if (!values.empty()) std::memcpy(tensor.data, values.data(), values.size_bytes());
      return;
    case ElementType::kInt8:
      return store<int8_t>(values, tensor);
    case ElementType::kUInt8:
      return store<uint8_t>(values, tensor);
    case ElementType::kInt16:
      return store<int16_t>(values, tensor);
    case ElementType::kInt32:
      return store<int32_t>(values, tensor);
    case ElementType::kInt64:
      return store<int64_t>(values, tensor);
    case ElementType::kBool:
      for (size_t i = 0; i < values.size(); ++i) tensor.as<uint8_t>()[i] = values[i] != 0.0f ? 1 : 0;
      return;
    default:
      refuse(tensor.type);
  }
}

std::vector<float> real_values(const TensorView& tensor) {
  const auto count = static_cast<size_t>(std::max<int64_t>(tensor.shape.elements(), 0));
  switch (tensor.type) {
    case ElementType::kFloat32:
      return {tensor.as<float>(), tensor.as<float>() + count};
    case ElementType::kFloat64:
      return load<double>(tensor, count);
    case ElementType::kInt8:
      return load<int8_t>(tensor, count);
    case ElementType::kUInt8:
    case ElementType::kBool:
      return load<uint8_t>(tensor, count);
    case ElementType::kInt16:
      return load<int16_t>(tensor, count);
    case ElementType::kInt32:
      return load<int32_t>(tensor, count);
    case ElementType::kInt64:
      return load<int64_t>(tensor, count);
    default:
      refuse(tensor.type);
  }
}

}  // namespace burin
