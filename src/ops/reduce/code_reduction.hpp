// SUM and MEAN of int8 and uint8 codes in `litert` arithmetic.
#pragma once

#include <cmath>
#include <cstdint>

#include "ops/operands.hpp"
#include "ops/requantize.hpp"

namespace burin {

// XNNPACK's: rint(sum of codes * scale + bias) in float32, where the bias holds both zero points. A tie therefore goes
// to the even code, not to the even distance from the zero point.
struct CodeReduction {
  float scale, bias;
  CodeRange range;

  // `count` codes make one output.
  CodeReduction(const AffineParameters& in, const AffineParameters& out, int64_t count, bool mean, CodeRange codes)
      : scale(in.scale / out.scale), range(codes) {
    if (mean) scale *= 1.0f / static_cast<float>(count);
    bias = static_cast<float>(out.zero_point) - static_cast<float>(count * in.zero_point) * scale;
  }
  int32_t operator()(int64_t sum) const {
    return nearest_code(std::nearbyintf(static_cast<float>(sum) * scale + bias), range);
  }
};

}  // namespace burin
