#include "formats/keras/kernel_layout.hpp"

#include <algorithm>
#include <cstring>

namespace burin {

WeightValues output_first(const WeightValues& kernel, const Shape& result) {
  const auto outputs = static_cast<size_t>(kernel.shape.back());
  const size_t count = kernel.bytes.size() / sizeof(float);
  const size_t inputs = outputs == 0 ? 0 : count / outputs;
  auto values = std::make_shared<std::vector<float>>(count);
  // Squares that stay in the first-level cache; the source may be unaligned.
  constexpr size_t kTile = 32;
  const std::byte* from = kernel.bytes.data();
  float* to = values->data();
  for (size_t i0 = 0; i0 < inputs; i0 += kTile) {
    const size_t i1 = std::min(inputs, i0 + kTile);
    for (size_t o0 = 0; o0 < outputs; o0 += kTile) {
      const size_t o1 = std::min(outputs, o0 + kTile);
      for (size_t i = i0; i < i1; ++i) {
        for (size_t o = o0; o < o1; ++o) {
          std::memcpy(to + o * inputs + i, from + (i * outputs + o) * sizeof(float), sizeof(float));
        }
      }
    }
  }
  return {result, std::as_bytes(std::span(*values)), values};
}

}  // namespace burin
