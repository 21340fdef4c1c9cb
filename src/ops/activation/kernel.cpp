#include "ops/activation/kernel.hpp"

#include <array>

#include "ops/elementwise/loops.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

// loop(x, y, count)
template <typename Loop>
PreparedResult make_unary(const char* name, Loop loop) {
  return runtime::make_function_kernel(name, [=](const RunContext& run) {
    const float* x = run.inputs[0].as<float>();
    float* y = run.outputs[0].as<float>();
    run.threads.parallel_for(run.outputs[0].shape.elements(), runtime::kElementGrain,
                             [&](int64_t begin, int64_t end, int) { loop(x + begin, y + begin, end - begin); });
  });
}

PreparedResult make_clamp(const ElementLoops& loops, FusedActivation activation) {
  return make_unary("f32_clamp", [loop = loops.clamp, range = activation_range(activation)](
                                     const float* x, float* y, int64_t count) { loop(x, y, count, range); });
}

}  // namespace

template <Op op>
PreparedResult prepare_activation_f32(const PrepareContext& context, runtime::InstructionSet set) {
  if (context.inputs[0].type != ElementType::kFloat32 || context.outputs[0].type != ElementType::kFloat32) {
    return runtime::not_applicable();
  }
  const ElementLoops& loops = element_loops(set);
  if constexpr (op == Op::kRelu) {
    return make_clamp(loops, FusedActivation::kRelu);
  } else if constexpr (op == Op::kRelu6) {
    return make_clamp(loops, FusedActivation::kRelu6);
  } else if constexpr (op == Op::kReluN1To1) {
    return make_clamp(loops, FusedActivation::kReluN1To1);
  } else if constexpr (op == Op::kLeakyRelu) {
    return make_unary("f32_leaky_relu",
                      [loop = loops.leaky_relu, alpha = get<LeakyReluAttributes>(context.attributes).alpha](
                          const float* x, float* y, int64_t count) { loop(x, y, count, alpha); });
  } else if constexpr (op == Op::kHardSwish) {
    return make_unary("f32_hard_swish", loops.hard_swish);
  } else if constexpr (op == Op::kLogistic) {
    return make_unary("f32_logistic", loops.logistic);
  } else {
    static_assert(op == Op::kTanh);
    return make_unary("f32_tanh", loops.tanh);
  }
}

template <Op op>
PreparedResult prepare_code_table(const PrepareContext& context, runtime::InstructionSet) {
  const auto is_byte = [](ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUInt8; };
  const TensorView& input = context.inputs[0];
  const MutableTensorView& output = context.outputs[0];
  if (!is_byte(input.type) || !is_byte(output.type)) return runtime::not_applicable();
  // Byte i is code i, or as int8 its two's complement: the index is the byte either way.
  std::array<uint8_t, 256> codes, table;
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i);
  const TensorView all{reinterpret_cast<const std::byte*>(codes.data()), input.type, {256}, input.quantization};
  const MutableTensorView results{reinterpret_cast<std::byte*>(table.data()), output.type, {256}, output.quantization};
  const Status status = runtime_operator(op).evaluate(
      {std::span(&all, 1), std::span(&results, 1), context.attributes, context.arithmetic});
  if (!status.is_ok()) return status;
  return runtime::make_function_kernel("code_table", [table](const RunContext& run) {
    const uint8_t* x = run.inputs[0].as<uint8_t>();
    uint8_t* y = run.outputs[0].as<uint8_t>();
    run.threads.parallel_for(run.outputs[0].shape.elements(), runtime::kElementGrain,
                             [&](int64_t begin, int64_t end, int) {
                               for (int64_t i = begin; i < end; ++i) y[i] = table[x[i]];
                             });
  });
}

template PreparedResult prepare_activation_f32<Op::kHardSwish>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kLeakyRelu>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kLogistic>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kRelu6>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kReluN1To1>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kRelu>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_activation_f32<Op::kTanh>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kHardSwish>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kLeakyRelu>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kLogistic>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kQuantize>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kRelu6>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kReluN1To1>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kRelu>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_code_table<Op::kTanh>(const PrepareContext&, runtime::InstructionSet);

}  // namespace burin
