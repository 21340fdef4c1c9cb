// ADD, SUB and MUL of int8, uint8 and int16 codes, RSQRT of int8 codes; and the condition under which codes may be
// compared.
#pragma once

#include "ops/operands.hpp"
#include "ops/requantize.hpp"

namespace burin {

struct CodeOperands {
  AffineParameters a, b, output;
  CodeRange range;  // that the fused activation leaves
};
Status read_code_operands(std::string_view op, const TensorView& a, const TensorView& b, const TensorView& output,
                          FusedActivation activation, CodeOperands& operands);

// XNNPACK's sum of two codes: both operands are multiplied by fixed-point factors of at most 21 bits, summed, and
// shifted once, rounding half up. The shift is such that the larger factor lies in [2^20, 2^21).
struct SharedShiftSum {
  int64_t a_factor, b_factor, bias;
  int shift;
  int32_t zero_point;

  SharedShiftSum(const CodeOperands& operands, int sign);
  int64_t operator()(int32_t a, int32_t b) const {
    return ((bias + a * a_factor + b * b_factor) >> shift) + zero_point;
  }
};

// a + sign * b, sign +1 or -1.
Status evaluate_quantized_sum(std::string_view op, const EvaluateContext& context, int sign);
Status evaluate_quantized_product(std::string_view op, const EvaluateContext& context);
// int8. Zero gives the largest code, a negative number is an error, as in LiteRT.
Status evaluate_quantized_rsqrt(const EvaluateContext& context);
// Inputs and output must share scale and zero point (MAXIMUM, MINIMUM, CONCATENATION ...).
Status check_same_parameters(std::string_view op, const EvaluateContext& context);

}  // namespace burin
