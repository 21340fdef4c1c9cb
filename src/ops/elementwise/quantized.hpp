// ADD, SUB and MUL of int8, uint8 and int16 codes; and the condition under which codes may be compared.
#pragma once

#include "ops/operands.hpp"

namespace burin {

// a + sign * b, sign +1 or -1.
Status evaluate_quantized_sum(std::string_view op, const EvaluateContext& context, int sign);
Status evaluate_quantized_product(std::string_view op, const EvaluateContext& context);
// Inputs and output must share scale and zero point (MAXIMUM, MINIMUM, CONCATENATION ...).
Status check_same_parameters(std::string_view op, const EvaluateContext& context);

}  // namespace burin
