// Activations in float32. Quantized operands: reference_quantized.cpp.
#include <cmath>

#include "ops/activation/quantized.hpp"
#include "ops/activation/runtime.hpp"
#include "ops/elementwise/broadcast.hpp"
#include "ops/exp.hpp"

namespace burin {

namespace {

template <typename F>
Status unary_float(const EvaluateContext& context, F f) {
  const InputValues<float> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) output[i] = f(input[i]);
  return {};
}

bool is_float(const EvaluateContext& context) {
  return context.inputs[0].type == ElementType::kFloat32 && context.outputs[0].type == ElementType::kFloat32;
}

Status evaluate_clamp(std::string_view op, const EvaluateContext& context, FusedActivation activation) {
  if (!is_float(context)) return evaluate_quantized_clamp(op, context, activation);
  const FloatRange range = activation_range(activation);
  return unary_float(context, [range](float x) { return x < range.min ? range.min : x > range.max ? range.max : x; });
}

}  // namespace

Status evaluate_relu(const EvaluateContext& context) { return evaluate_clamp("RELU", context, FusedActivation::kRelu); }
Status evaluate_relu6(const EvaluateContext& context) {
  return evaluate_clamp("RELU6", context, FusedActivation::kRelu6);
}
Status evaluate_relu_n1_to_1(const EvaluateContext& context) {
  return evaluate_clamp("RELU_N1_TO_1", context, FusedActivation::kReluN1To1);
}

Status evaluate_elu(const EvaluateContext& context) {
  if (!is_float(context)) return unsupported_type("ELU", context.inputs[0].type);
  return unary_float(context, [](float x) { return x < 0.0f ? expm1_f32(x) : x; });
}

Status evaluate_gelu(const EvaluateContext& context) {
  if (!is_float(context)) return unsupported_type("GELU", context.inputs[0].type);
  if (get<GeluAttributes>(context.attributes).approximate) {
    return unary_float(context, [](float x) {
      return 0.5f * x * (1.0f + tanh_f32(0.797884560802865f * (x + 0.044715f * x * x * x)));
    });
  }
  return unary_float(context, [](float x) {
    const double exact = static_cast<double>(x);
    return static_cast<float>(0.5 * exact * (1.0 + erf_f64(exact * 0.70710678118654752440)));
  });
}

Status evaluate_hard_swish(const EvaluateContext& context) {
  if (!is_float(context)) return evaluate_quantized_hard_swish(context);
  return unary_float(context, [](float x) {
    const float gate = x + 3.0f;
    return x * (gate < 0.0f ? 0.0f : gate > 6.0f ? 6.0f : gate) * (1.0f / 6.0f);
  });
}

Status evaluate_leaky_relu(const EvaluateContext& context) {
  if (!is_float(context)) return evaluate_quantized_leaky_relu(context);
  const float alpha = get<LeakyReluAttributes>(context.attributes).alpha;
  return unary_float(context, [alpha](float x) { return x < 0.0f ? x * alpha : x; });
}

Status evaluate_logistic(const EvaluateContext& context) {
  if (!is_float(context)) return evaluate_quantized_logistic(context);
  return unary_float(context, logistic_f32);
}

Status evaluate_tanh(const EvaluateContext& context) {
  if (!is_float(context)) return evaluate_quantized_tanh(context);
  return unary_float(context, tanh_f32);
}

Status evaluate_prelu(const EvaluateContext& context) {
  if (!is_float(context) || context.inputs[1].type != ElementType::kFloat32) {
    return unsupported_type("PRELU", context.inputs[0].type);
  }
  const InputValues<float> input(context.inputs[0]), alpha(context.inputs[1]);
  float* output = context.outputs[0].as<float>();
  for (BroadcastRuns run(context.inputs[0].shape, context.inputs[1].shape, context.outputs[0].shape); run.next();) {
    for (int64_t i = 0; i < run.count(); ++i) {
      const float x = input[run.a() + i * run.a_step()];
      output[run.out() + i] = x < 0.0f ? x * alpha[run.b() + i * run.b_step()] : x;
    }
  }
  return {};
}

}  // namespace burin
