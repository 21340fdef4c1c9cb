#include "ops/activation/kernel.hpp"

#include <array>

#include "ops/activation/code_table.hpp"
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

CodeTable every_code() {
  CodeTable codes;
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i);
  return codes;
}

Status make_code_table(Op op, std::span<const CodeInput> inputs, const MutableTensorView& output,
                       const Attributes& attributes, Arithmetic arithmetic, CodeTable& table) {
  const auto size = static_cast<int32_t>(table.size());
  std::array<TensorView, 2> views;
  for (size_t i = 0; i < inputs.size(); ++i) {
    views[i] = {
        reinterpret_cast<const std::byte*>(inputs[i].codes->data()), inputs[i].type, {size}, inputs[i].quantization};
  }
  CodeTable results;
  const MutableTensorView result{
      reinterpret_cast<std::byte*>(results.data()), output.type, {size}, output.quantization};
  Status status = runtime_operator(op).evaluate(
      {std::span(views).first(inputs.size()), std::span(&result, 1), attributes, arithmetic});
  if (status.is_ok()) table = results;
  return status;
}

template <Op op>
PreparedResult prepare_code_table(const PrepareContext& context, runtime::InstructionSet set) {
  const auto is_byte = [](ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUInt8; };
  const TensorView& input = context.inputs[0];
  if (!is_byte(input.type) || !is_byte(context.outputs[0].type)) return runtime::not_applicable();
  const CodeTable codes = every_code();
  const CodeInput all{&codes, input.type, input.quantization};
  CodeTable table;
  const Status status =
      make_code_table(op, std::span(&all, 1), context.outputs[0], context.attributes, context.arithmetic, table);
  if (!status.is_ok()) return status;
  return runtime::make_function_kernel("code_table", [table, look_up = code_lookup(set)](const RunContext& run) {
    const uint8_t* x = run.inputs[0].as<uint8_t>();
    uint8_t* y = run.outputs[0].as<uint8_t>();
    run.threads.parallel_for(
        run.outputs[0].shape.elements(), runtime::kElementGrain,
        [&](int64_t begin, int64_t end, int) { look_up(x + begin, y + begin, end - begin, table); });
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
