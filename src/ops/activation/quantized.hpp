// Activations on int8, uint8 and int16 codes.
#pragma once

#include "ops/fused_activation.hpp"
#include "ops/operands.hpp"

namespace burin {

Status evaluate_quantized_clamp(std::string_view op, const EvaluateContext& context, FusedActivation activation);
Status evaluate_quantized_hard_swish(const EvaluateContext& context);
Status evaluate_quantized_leaky_relu(const EvaluateContext& context);
Status evaluate_quantized_logistic(const EvaluateContext& context);
Status evaluate_quantized_tanh(const EvaluateContext& context);

}  // namespace burin
