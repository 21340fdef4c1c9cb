#include "ops/elementwise/kernel.hpp"

#include <cmath>

#include "ops/elementwise/loops.hpp"
#include "ops/elementwise/quantized.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

// The result is [outer][repeat][inner], operand a too; operand b is [outer][1][inner].
struct Broadcast {
  int64_t outer = 1, repeat = 1, inner = 1;
  bool swapped = false;  // "a" is input 1
};

bool match(const Shape& a, const Shape& b, const Shape& out, Broadcast& result) {
  if (a.elements() != out.elements() || out.elements() == 0) return false;
  int stage = 0;  // which of the three parts the dimensions belong to so far
  for (int i = 0; i < out.rank(); ++i) {
    const int ib = i - out.rank() + b.rank();
    const int32_t size = ib >= 0 ? b[ib] : 1;
    if (out[i] == 1) continue;
    if (size == 1) {
      if (stage == 2) return false;
      stage = 1;
      result.repeat *= out[i];
    } else {
      if (stage == 1) stage = 2;
      (stage == 0 ? result.outer : result.inner) *= out[i];
    }
  }
  // Without repetition there is one long row.
  if (result.repeat == 1) std::swap(result.outer, result.inner);
  return true;
}

bool match(const PrepareContext& context, bool commutes, Broadcast& result) {
  const Shape &a = context.inputs[0].shape, &b = context.inputs[1].shape, &out = context.outputs[0].shape;
  if (match(a, b, out, result)) return true;
  result = {.swapped = true};
  return commutes && match(b, a, out, result);
}

// row(a, b, b_step, y, count) for every stretch; threads split rows, or the only one.
template <typename T, typename Row>
void for_each_stretch(const RunContext& context, const Broadcast& shape, Row row) {
  const T* a = context.inputs[shape.swapped ? 1 : 0].as<T>();
  const T* b = context.inputs[shape.swapped ? 0 : 1].as<T>();
  T* y = context.outputs[0].as<T>();
  if (shape.inner == 1) {  // one value of b for `repeat` values of a
    if (shape.outer == 1) {
      context.threads.parallel_for(shape.repeat, runtime::kElementGrain, [&](int64_t begin, int64_t end, int) {
        row(a + begin, b, 0, y + begin, end - begin);
      });
      return;
    }
    context.threads.parallel_for(shape.outer, runtime::kElementGrain / shape.repeat + 1,
                                 [&](int64_t begin, int64_t end, int) {
                                   for (int64_t i = begin; i < end; ++i)
                                     row(a + i * shape.repeat, b + i, 0, y + i * shape.repeat, shape.repeat);
                                 });
    return;
  }
  const int64_t rows = shape.outer * shape.repeat;
  if (rows == 1) {
    context.threads.parallel_for(shape.inner, runtime::kElementGrain, [&](int64_t begin, int64_t end, int) {
      row(a + begin, b + begin, 1, y + begin, end - begin);
    });
    return;
  }
  context.threads.parallel_for(rows, runtime::kElementGrain / shape.inner + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      row(a + i * shape.inner, b + i / shape.repeat * shape.inner, 1, y + i * shape.inner, shape.inner);
    }
  });
}

bool all_of_type(const PrepareContext& context, ElementType type) {
  return context.inputs[0].type == type && context.inputs[1].type == type && context.outputs[0].type == type;
}

constexpr ElementLoops::Binary ElementLoops::* float_loop(Op op) {
  switch (op) {
    case Op::kSub:
      return &ElementLoops::subtract;
    case Op::kMul:
      return &ElementLoops::multiply;
    case Op::kDiv:
      return &ElementLoops::divide;
    case Op::kMaximum:
      return &ElementLoops::maximum;
    case Op::kMinimum:
      return &ElementLoops::minimum;
    default:
      return &ElementLoops::add;
  }
}

constexpr const char* float_name(Op op) {
  switch (op) {
    case Op::kSub:
      return "f32_sub";
    case Op::kMul:
      return "f32_mul";
    case Op::kDiv:
      return "f32_div";
    case Op::kMaximum:
      return "f32_maximum";
    case Op::kMinimum:
      return "f32_minimum";
    default:
      return "f32_add";
  }
}

PreparedResult prepare_sum(const ElementLoops& loops, const Broadcast& shape, const CodeOperands& operands, int sign) {
  const SharedShiftSum sum(operands, sign);
  // Then 32 bits hold every intermediate value.
  if (sum.shift > 30) return runtime::not_applicable();
  CodeSum code_sum{static_cast<int32_t>(sum.a_factor),
                   static_cast<int32_t>(sum.b_factor),
                   static_cast<int32_t>(sum.bias),
                   sum.shift,
                   sum.zero_point,
                   operands.range.min,
                   operands.range.max};
  if (shape.swapped) std::swap(code_sum.a_factor, code_sum.b_factor);

  return runtime::make_function_kernel("s8_add", [=, loop = loops.sum_s8](const RunContext& run) {
    for_each_stretch<int8_t>(run, shape, [&](const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t n) {
      loop(a, b, b_step, y, n, code_sum);
    });
  });
}

PreparedResult prepare_product(const ElementLoops& loops, const Broadcast& shape, const CodeOperands& operands) {
  const float scale = requantization_scale(operands.a.scale, operands.b.scale, operands.output.scale);
  if (!std::isfinite(scale)) return runtime::not_applicable();
  const int32_t zero_point = operands.output.zero_point;
  CodeProduct product{operands.a.zero_point,
                      operands.b.zero_point,
                      zero_point,
                      scale,
                      static_cast<float>(operands.range.min - zero_point),
                      static_cast<float>(operands.range.max - zero_point)};
  if (shape.swapped) std::swap(product.a_zero_point, product.b_zero_point);
  return runtime::make_function_kernel("s8_mul", [=, loop = loops.product_s8](const RunContext& run) {
    for_each_stretch<int8_t>(run, shape, [&](const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t n) {
      loop(a, b, b_step, y, n, product);
    });
  });
}

}  // namespace

template <Op op>
PreparedResult prepare_binary_f32(const PrepareContext& context, runtime::InstructionSet set) {
  Broadcast shape;
  if (!all_of_type(context, ElementType::kFloat32) || !match(context, op != Op::kSub && op != Op::kDiv, shape)) {
    return runtime::not_applicable();
  }
  const FusedActivation* activation = fused_activation(context.attributes);
  const FloatRange range = activation_range(activation == nullptr ? FusedActivation::kNone : *activation);
  const ElementLoops::Binary loop = element_loops(set).*float_loop(op);
  return runtime::make_function_kernel(float_name(op), [=](const RunContext& run) {
    for_each_stretch<float>(run, shape, [&](const float* a, const float* b, int64_t b_step, float* y, int64_t n) {
      loop(a, b, b_step, y, n, range);
    });
  });
}

template <Op op>
PreparedResult prepare_binary_s8(const PrepareContext& context, runtime::InstructionSet set) {
  Broadcast shape;
  if (!all_of_type(context, ElementType::kInt8) || context.arithmetic != Arithmetic::kLitert ||
      !match(context, op != Op::kSub, shape)) {
    return runtime::not_applicable();
  }
  CodeOperands operands;
  const Status status = read_code_operands(runtime_operator(op).name, context.inputs[0], context.inputs[1],
                                           context.outputs[0], *fused_activation(context.attributes), operands);
  if (!status.is_ok()) return status;
  const ElementLoops& loops = element_loops(set);
  if (op == Op::kMul) return prepare_product(loops, shape, operands);
  return prepare_sum(loops, shape, operands, op == Op::kSub ? -1 : 1);
}

template PreparedResult prepare_binary_f32<Op::kAdd>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_f32<Op::kDiv>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_f32<Op::kMaximum>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_f32<Op::kMinimum>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_f32<Op::kMul>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_f32<Op::kSub>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_s8<Op::kAdd>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_s8<Op::kMul>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_binary_s8<Op::kSub>(const PrepareContext&, runtime::InstructionSet);

}  // namespace burin
