#include "gemm/quantize_row.hpp"

#include <algorithm>
#include <cmath>

namespace burin::gemm {

RowAffine row_affine(float low, float high, RowCoding coding) {
  if (coding == RowCoding::kSymmetric) {
    const float largest = std::max(-low, high);
    const float scale = largest > 0.0f ? largest / 127.0f : 1.0f;
    return {scale, scale != 1.0f ? 127.0f / largest : 1.0f, 0, -127, 127};
  }
  if (!(low < high)) return {1.0f, 1.0f, 0, -128, 127};
  const double step = (static_cast<double>(high) - static_cast<double>(low)) / 255.0;
  const double from_low = -128.0 - static_cast<double>(low) / step;
  const double from_high = 127.0 - static_cast<double>(high) / step;
  const double error_low = 128.0 + std::abs(static_cast<double>(low) / step);
  const double error_high = 127.0 + std::abs(static_cast<double>(high) / step);
  const double exact = error_low < error_high ? from_low : from_high;
  // NaN, of infinite values, becomes -128.
  const int32_t zero_point = !(exact > -128.0) ? -128 : exact >= 127.0 ? 127 : static_cast<int32_t>(std::round(exact));
  const float scale = static_cast<float>(step);
  return {scale, 1.0f / scale, zero_point, -128, 127};
}

}  // namespace burin::gemm
