// SOFTMAX of codes: the exponentials of all 256 distances to the largest code of a row are a table, as in LiteRT.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/exp.hpp"
#include "ops/operands.hpp"
#include "ops/requantize.hpp"
#include "ops/softmax/attributes.hpp"

namespace burin {

struct CodeSoftmax {
  std::array<float, 256> exponentials;
  float output_scale;
  int32_t output_zero_point;
  CodeRange range;

  // T: the type of the codes of input and output.
  template <typename T>
  void row(const T* x, T* y, int64_t count) const {
    const int32_t largest = *std::max_element(x, x + count);
    float sum = 0.0f;
    for (int64_t i = 0; i < count; ++i) sum += exponentials[static_cast<size_t>(largest - x[i])];
    const float inverse = 1.0f / (sum * output_scale);
    for (int64_t i = 0; i < count; ++i) {
      const float code = std::round(exponentials[static_cast<size_t>(largest - x[i])] * inverse);
      y[i] = static_cast<T>(nearest_code(code + static_cast<float>(output_zero_point), range));
    }
  }
};

template <typename Input, typename Output>
Result<CodeSoftmax> make_code_softmax(const Input& input, const Output& output, const Attributes& attributes) {
  AffineParameters in, out;
  Status status = read_affine("SOFTMAX", "input", input, in);
  if (status.is_ok()) status = read_affine("SOFTMAX", "output", output, out);
  if (!status.is_ok()) return status;
  CodeSoftmax softmax{{}, out.scale, out.zero_point, code_range(output.type)};
  const float step = -in.scale * get<SoftmaxAttributes>(attributes).beta;
  for (size_t i = 0; i < softmax.exponentials.size(); ++i)
    softmax.exponentials[i] = exp_f32(step * static_cast<float>(i));
  return softmax;
}

}  // namespace burin
