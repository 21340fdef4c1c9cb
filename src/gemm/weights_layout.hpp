// Where the weights of a product lie before packing: element (group, n, k) at group * group_stride + n * n_stride +
// k * k_stride. Bytes, because constants of a file may be unaligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace burin::gemm {

struct WeightsLayout {
  const std::byte* data;
  int64_t group_stride;
  int64_t n_stride;
  int64_t k_stride;

  template <typename T>
  T at(int64_t group, int64_t n, int64_t k) const {
    T value;
    std::memcpy(&value, data + (group * group_stride + n * n_stride + k * k_stride) * int64_t{sizeof(T)}, sizeof(T));
    return value;
  }
};

// Element i of a vector of constants, zero where there is none.
template <typename T>
T element_or_zero(const std::byte* data, int64_t i) {
  T value{};
  if (data != nullptr) std::memcpy(&value, data + i * int64_t{sizeof(T)}, sizeof(T));
  return value;
}

}  // namespace burin::gemm
