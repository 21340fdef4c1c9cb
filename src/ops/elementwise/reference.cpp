// Arithmetic of two operands and of one, in float32 and integers. Quantized operands: reference_quantized.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/elementwise/integer_pairs.hpp"
#include "ops/elementwise/quantized.hpp"
#include "ops/elementwise/runtime.hpp"
#include "ops/exp.hpp"

namespace burin {

namespace {

// y[i] = f(a[i * a_step], b[i * b_step]), clamped.
using FloatPairs = void (*)(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                            FloatRange range);

template <auto f>
void map_float_pairs(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                     FloatRange range) {
  for (int64_t i = 0; i < count; ++i) {
    const float value = f(a[i * a_step], b[i * b_step]);
    y[i] = value < range.min ? range.min : value > range.max ? range.max : value;
  }
}

Status evaluate_floats(const EvaluateContext& context, FusedActivation activation, FloatPairs pairs) {
  const InputValues<float> a(context.inputs[0]), b(context.inputs[1]);
  float* output = context.outputs[0].as<float>();
  const FloatRange range = activation_range(activation);
  for (BroadcastRuns run(context.inputs[0].shape, context.inputs[1].shape, context.outputs[0].shape); run.next();) {
    pairs(a.data() + run.a(), run.a_step(), b.data() + run.b(), run.b_step(), output + run.out(), run.count(), range);
  }
  return {};
}

// a[i] = f(a[i], b[i])
using IntegerPairs = void (*)(int64_t* a, const int64_t* b, int64_t count);

template <auto f>
void map_integer_pairs(int64_t* a, const int64_t* b, int64_t count) {
  for (int64_t i = 0; i < count; ++i) a[i] = f(a[i], b[i]);
}

// Results wrap around, as those of the type do.
Status evaluate_integers(const EvaluateContext& context, FusedActivation activation, IntegerPairs pairs) {
  const bool narrow = context.outputs[0].type == ElementType::kInt32;
  const bool clamps = activation != FusedActivation::kNone;
  const int64_t low = activation == FusedActivation::kReluN1To1 ? -1 : 0;
  const int64_t high = activation == FusedActivation::kRelu || !clamps
                           ? std::numeric_limits<int64_t>::max()
                           : static_cast<int64_t>(activation_range(activation).max);
  for_each_integer_pair(context, [&](int64_t* a, const int64_t* b, int64_t count) {
    pairs(a, b, count);
    for (int64_t i = 0; i < count && clamps; ++i) {
      const int64_t value = narrow ? static_cast<int32_t>(a[i]) : a[i];
      a[i] = std::clamp(value, low, high);
    }
  });
  return {};
}

// What `float32`, integers and codes are for an operator with a fused activation.
template <auto float_function, auto integer_function, typename Codes>
Status evaluate_arithmetic(const EvaluateContext& context, Codes codes) {
  const FusedActivation activation = get<ArithmeticAttributes>(context.attributes).activation;
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return evaluate_floats(context, activation, map_float_pairs<float_function>);
    case ElementType::kInt32:
    case ElementType::kInt64:
      return evaluate_integers(context, activation, map_integer_pairs<integer_function>);
    default:
      return codes();
  }
}

// Integers as if they had no sign: they wrap around.
int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }

bool is_quantized_type(ElementType type) {
  return type == ElementType::kInt8 || type == ElementType::kUInt8 || type == ElementType::kInt16;
}

Status check_types(std::string_view op, const EvaluateContext& context) {
  const ElementType type = context.inputs[0].type;
  if (context.outputs[0].type != type) return unsupported_type(op, context.outputs[0].type);
  if (context.inputs.size() > 1 && context.inputs[1].type != type) return unsupported_type(op, context.inputs[1].type);
  return {};
}

template <auto float_function, auto integer_function>
Status evaluate_extremum(std::string_view op, const EvaluateContext& context) {
  if (Status status = check_types(op, context); !status.is_ok()) return status;
  const ElementType type = context.inputs[0].type;
  if (type == ElementType::kFloat32) {
    return evaluate_floats(context, FusedActivation::kNone, map_float_pairs<float_function>);
  }
  if (!is_integer(type) || type == ElementType::kInt4) return unsupported_type(op, type);
  if (is_quantized_type(type)) {
    if (Status status = check_same_parameters(op, context); !status.is_ok()) return status;
  }
  return evaluate_integers(context, FusedActivation::kNone, map_integer_pairs<integer_function>);
}

using FloatMap = void (*)(const float* x, float* y, int64_t count);

template <auto f>
void map_floats(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = f(x[i]);
}

Status unary(std::string_view op, const EvaluateContext& context, FloatMap map) {
  if (context.inputs[0].type != ElementType::kFloat32) return unsupported_type(op, context.inputs[0].type);
  if (Status status = check_types(op, context); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  map(input.data(), context.outputs[0].as<float>(), context.inputs[0].shape.elements());
  return {};
}

}  // namespace

Status evaluate_add(const EvaluateContext& context) {
  if (Status status = check_types("ADD", context); !status.is_ok()) return status;
  return evaluate_arithmetic<[](float a, float b) { return a + b; },
                             [](int64_t a, int64_t b) { return wrap(uint64_t(a) + uint64_t(b)); }>(
      context, [&] { return evaluate_quantized_sum("ADD", context, 1); });
}

Status evaluate_sub(const EvaluateContext& context) {
  if (Status status = check_types("SUB", context); !status.is_ok()) return status;
  return evaluate_arithmetic<[](float a, float b) { return a - b; },
                             [](int64_t a, int64_t b) { return wrap(uint64_t(a) - uint64_t(b)); }>(
      context, [&] { return evaluate_quantized_sum("SUB", context, -1); });
}

Status evaluate_mul(const EvaluateContext& context) {
  if (Status status = check_types("MUL", context); !status.is_ok()) return status;
  return evaluate_arithmetic<[](float a, float b) { return a * b; },
                             [](int64_t a, int64_t b) { return wrap(uint64_t(a) * uint64_t(b)); }>(
      context, [&] { return evaluate_quantized_product("MUL", context); });
}

Status evaluate_div(const EvaluateContext& context) {
  if (Status status = check_types("DIV", context); !status.is_ok()) return status;
  const ElementType type = context.inputs[0].type;
  if (type != ElementType::kFloat32 && type != ElementType::kInt32) return unsupported_type("DIV", type);
  if (type == ElementType::kInt32) {
    const InputValues<int32_t> divisor(context.inputs[1]);
    const int64_t count = context.inputs[1].shape.elements();
    for (int64_t i = 0; i < count; ++i) {
      if (divisor[i] == 0) return Status(StatusCode::kInvalidArgument, "DIV: division of integers by zero");
    }
  }
  return evaluate_arithmetic<[](float a, float b) { return a / b; }, [](int64_t a, int64_t b) { return a / b; }>(
      context, [] { return Status(); });
}

Status evaluate_maximum(const EvaluateContext& context) {
  return evaluate_extremum<[](float a, float b) { return (a > b) ? a : b; },
                           [](int64_t a, int64_t b) { return (a > b) ? a : b; }>("MAXIMUM", context);
}
Status evaluate_minimum(const EvaluateContext& context) {
  return evaluate_extremum<[](float a, float b) { return a < b ? a : b; },
                           [](int64_t a, int64_t b) { return a < b ? a : b; }>("MINIMUM", context);
}

Status evaluate_abs(const EvaluateContext& context) {
  return unary("ABS", context, map_floats<[](float x) { return std::fabs(x); }>);
}
Status evaluate_ceil(const EvaluateContext& context) {
  return unary("CEIL", context, map_floats<[](float x) { return std::ceil(x); }>);
}
Status evaluate_exp(const EvaluateContext& context) { return unary("EXP", context, map_floats<exp_f32>); }
Status evaluate_log(const EvaluateContext& context) { return unary("LOG", context, map_floats<log_f32>); }
Status evaluate_neg(const EvaluateContext& context) {
  return unary("NEG", context, map_floats<[](float x) { return -x; }>);
}
// The square root is correctly rounded by IEEE, and so the same everywhere.
Status evaluate_rsqrt(const EvaluateContext& context) {
  if (context.inputs[0].type == ElementType::kInt8 && context.outputs[0].type == ElementType::kInt8) {
    return evaluate_quantized_rsqrt(context);
  }
  return unary("RSQRT", context, map_floats<[](float x) { return 1.0f / std::sqrt(x); }>);
}
Status evaluate_sqrt(const EvaluateContext& context) {
  return unary("SQRT", context, map_floats<[](float x) { return std::sqrt(x); }>);
}
Status evaluate_square(const EvaluateContext& context) {
  return unary("SQUARE", context, map_floats<[](float x) { return x * x; }>);
}

}  // namespace burin
