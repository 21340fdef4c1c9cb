// Arithmetic of two operands and of one, in float32 and integers. Quantized operands: reference_quantized.cpp.
#include <cmath>
#include <type_traits>

#include "ops/elementwise/broadcast.hpp"
#include "ops/elementwise/quantized.hpp"
#include "ops/elementwise/runtime.hpp"
#include "ops/exp.hpp"

namespace burin {

namespace {

// Integers wrap around.
template <typename T>
using Wrapping = std::conditional_t<std::is_same_v<T, int32_t>, uint32_t,
                                    std::conditional_t<std::is_same_v<T, int64_t>, uint64_t, T>>;

template <typename T>
T add(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
}
template <typename T>
T subtract(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
}
template <typename T>
T multiply(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
}
template <typename T>
T maximum(T a, T b) {
  return a > b ? a : b;
}
template <typename T>
T minimum(T a, T b) {
  return a < b ? a : b;
}

template <typename T, typename F>
Status binary(const EvaluateContext& context, F f) {
  const InputValues<T> a(context.inputs[0]), b(context.inputs[1]);
  T* output = context.outputs[0].as<T>();
  for_each_broadcast(context.inputs[0].shape, context.inputs[1].shape, context.outputs[0].shape,
                     [&](int64_t ia, int64_t ib, int64_t io, int64_t count, int64_t a_step, int64_t b_step) {
                       const T* pa = a.data() + ia;
                       const T* pb = b.data() + ib;
                       for (int64_t i = 0; i < count; ++i) output[io + i] = f(pa[i * a_step], pb[i * b_step]);
                     });
  return {};
}

// F and G: the operation on float and on T, before the fused activation.
template <typename F>
Status arithmetic_float(const EvaluateContext& context, F f) {
  const FloatRange range = activation_range(get<ArithmeticAttributes>(context.attributes).activation);
  return binary<float>(context, [&](float a, float b) {
    const float y = f(a, b);
    return y < range.min ? range.min : y > range.max ? range.max : y;
  });
}

template <typename T, typename F>
Status arithmetic_integer(const EvaluateContext& context, F f) {
  const FusedActivation activation = get<ArithmeticAttributes>(context.attributes).activation;
  T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  if (activation != FusedActivation::kNone) {
    low = activation == FusedActivation::kReluN1To1 ? T{-1} : T{0};
    if (activation != FusedActivation::kRelu) high = static_cast<T>(activation_range(activation).max);
  }
  return binary<T>(context, [&](T a, T b) {
    const T y = f(a, b);
    return y < low ? low : y > high ? high : y;
  });
}

bool is_quantized_type(ElementType type) {
  return type == ElementType::kInt8 || type == ElementType::kUInt8 || type == ElementType::kInt16;
}

Status check_types(std::string_view op, const EvaluateContext& context) {
  const ElementType type = context.inputs[0].type;
  if (context.outputs[0].type != type) return unsupported_type(op, context.outputs[0].type);
  if (context.inputs.size() > 1 && context.inputs[1].type != type) return unsupported_type(op, context.inputs[1].type);
  return {};
}

template <typename T>
Status compare_codes(std::string_view op, const EvaluateContext& context, bool largest) {
  if (is_quantized_type(context.inputs[0].type)) {
    if (Status status = check_same_parameters(op, context); !status.is_ok()) return status;
  }
  return largest ? binary<T>(context, maximum<T>) : binary<T>(context, minimum<T>);
}

Status evaluate_extremum(std::string_view op, const EvaluateContext& context, bool largest) {
  if (Status status = check_types(op, context); !status.is_ok()) return status;
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return compare_codes<float>(op, context, largest);
    case ElementType::kInt8:
      return compare_codes<int8_t>(op, context, largest);
    case ElementType::kUInt8:
      return compare_codes<uint8_t>(op, context, largest);
    case ElementType::kInt16:
      return compare_codes<int16_t>(op, context, largest);
    case ElementType::kInt32:
      return compare_codes<int32_t>(op, context, largest);
    case ElementType::kInt64:
      return compare_codes<int64_t>(op, context, largest);
    default:
      return unsupported_type(op, context.inputs[0].type);
  }
}

template <typename F>
Status unary(std::string_view op, const EvaluateContext& context, F f) {
  if (context.inputs[0].type != ElementType::kFloat32) return unsupported_type(op, context.inputs[0].type);
  if (Status status = check_types(op, context); !status.is_ok()) return status;
  const InputValues<float> input(context.inputs[0]);
  float* output = context.outputs[0].as<float>();
  const int64_t count = context.inputs[0].shape.elements();
  for (int64_t i = 0; i < count; ++i) output[i] = f(input[i]);
  return {};
}

}  // namespace

Status evaluate_add(const EvaluateContext& context) {
  if (Status status = check_types("ADD", context); !status.is_ok()) return status;
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return arithmetic_float(context, add<float>);
    case ElementType::kInt32:
      return arithmetic_integer<int32_t>(context, add<int32_t>);
    case ElementType::kInt64:
      return arithmetic_integer<int64_t>(context, add<int64_t>);
    default:
      return evaluate_quantized_sum("ADD", context, 1);
  }
}

Status evaluate_sub(const EvaluateContext& context) {
  if (Status status = check_types("SUB", context); !status.is_ok()) return status;
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return arithmetic_float(context, subtract<float>);
    case ElementType::kInt32:
      return arithmetic_integer<int32_t>(context, subtract<int32_t>);
    case ElementType::kInt64:
      return arithmetic_integer<int64_t>(context, subtract<int64_t>);
    default:
      return evaluate_quantized_sum("SUB", context, -1);
  }
}

Status evaluate_mul(const EvaluateContext& context) {
  if (Status status = check_types("MUL", context); !status.is_ok()) return status;
  switch (context.inputs[0].type) {
    case ElementType::kFloat32:
      return arithmetic_float(context, multiply<float>);
    case ElementType::kInt32:
      return arithmetic_integer<int32_t>(context, multiply<int32_t>);
    case ElementType::kInt64:
      return arithmetic_integer<int64_t>(context, multiply<int64_t>);
    default:
      return evaluate_quantized_product("MUL", context);
  }
}

Status evaluate_div(const EvaluateContext& context) {
  if (Status status = check_types("DIV", context); !status.is_ok()) return status;
  if (context.inputs[0].type == ElementType::kFloat32) {
    return arithmetic_float(context, [](float a, float b) { return a / b; });
  }
  if (context.inputs[0].type != ElementType::kInt32) return unsupported_type("DIV", context.inputs[0].type);
  const InputValues<int32_t> divisor(context.inputs[1]);
  const int64_t count = context.inputs[1].shape.elements();
  for (int64_t i = 0; i < count; ++i) {
    if (divisor[i] == 0) return Status(StatusCode::kInvalidArgument, "DIV: division of integers by zero");
  }
  return arithmetic_integer<int32_t>(
      context, [](int32_t a, int32_t b) { return b == -1 ? subtract<int32_t>(0, a) : static_cast<int32_t>(a / b); });
}

Status evaluate_maximum(const EvaluateContext& context) { return evaluate_extremum("MAXIMUM", context, true); }
Status evaluate_minimum(const EvaluateContext& context) { return evaluate_extremum("MINIMUM", context, false); }

Status evaluate_abs(const EvaluateContext& context) {
  return unary("ABS", context, [](float x) { return std::fabs(x); });
}
Status evaluate_ceil(const EvaluateContext& context) {
  return unary("CEIL", context, [](float x) { return std::ceil(x); });
}
Status evaluate_exp(const EvaluateContext& context) { return unary("EXP", context, exp_f32); }
Status evaluate_log(const EvaluateContext& context) { return unary("LOG", context, log_f32); }
Status evaluate_neg(const EvaluateContext& context) {
  return unary("NEG", context, [](float x) { return -x; });
}
// The square root is correctly rounded by IEEE, and so the same everywhere.
Status evaluate_rsqrt(const EvaluateContext& context) {
  if (context.inputs[0].type == ElementType::kInt8 && context.outputs[0].type == ElementType::kInt8) {
    return evaluate_quantized_rsqrt(context);
  }
  return unary("RSQRT", context, [](float x) { return 1.0f / std::sqrt(x); });
}
Status evaluate_sqrt(const EvaluateContext& context) {
  return unary("SQRT", context, [](float x) { return std::sqrt(x); });
}
Status evaluate_square(const EvaluateContext& context) {
  return unary("SQUARE", context, [](float x) { return x * x; });
}

}  // namespace burin
