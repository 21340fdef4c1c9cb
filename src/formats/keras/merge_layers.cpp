// Layers that merge several inputs.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

// Keras aligns inputs of different rank at the batch; NumPy, and so TFLite, at the last dimension.
void expect_equal_ranks(const LayerCall& call) {
  for (const TensorId input : call.inputs) {
    if (call.graph.rank(input) == call.rank()) continue;
    throw call.config.unsupported("inputs of shapes " + to_string(call.input_shape()) + " and " +
                                      to_string(call.graph.shape(input)) + " have different ranks",
                                  "Reshape the smaller one with a Reshape layer.");
  }
}

// ((a op b) op c) ...; `last` names the final node.
TensorId chain(const LayerCall& call, Op op, const Attributes& attributes, std::string_view last) {
  expect_equal_ranks(call);
  TensorId x = call.input();
  for (size_t i = 1; i < call.inputs.size(); ++i) {
    const bool is_last = i + 1 == call.inputs.size();
    x = call.emit(is_last ? last : "partial", op, {x, call.inputs[i]}, attributes);
  }
  return x;
}

template <Op op>
TensorId build_arithmetic(const LayerCall& call) {
  return chain(call, op, ArithmeticAttributes{}, "");
}

template <Op op>
TensorId build_extremum(const LayerCall& call) {
  return chain(call, op, NoAttributes{}, "");
}

TensorId build_average(const LayerCall& call) {
  const TensorId sum = chain(call, Op::kAdd, ArithmeticAttributes{}, "sum");
  const TensorId share = call.graph.scalar(call.path(), "share", 1.0f / static_cast<float>(call.inputs.size()));
  return call.emit("", Op::kMul, {sum, share}, ArithmeticAttributes{});
}

TensorId build_concatenate(const LayerCall& call) {
  int32_t axis = call.config.integer("axis", -1);
  if (axis < 0) axis += call.rank();
  if (axis < 1 || axis >= call.rank()) throw call.config.unsupported_value("axis");
  return call.emit("", Op::kConcatenation, {call.inputs.begin(), call.inputs.end()}, ConcatenationAttributes{axis});
}

constexpr std::array<KerasLayer, 7> kMergeLayers = {{
    {"Add", 2, kManyInputs, build_arithmetic<Op::kAdd>},
    {"Average", 2, kManyInputs, build_average},
    {"Concatenate", 2, kManyInputs, build_concatenate},
    {"Maximum", 2, kManyInputs, build_extremum<Op::kMaximum>},
    {"Minimum", 2, kManyInputs, build_extremum<Op::kMinimum>},
    {"Multiply", 2, kManyInputs, build_arithmetic<Op::kMul>},
    {"Subtract", 2, 2, build_arithmetic<Op::kSub>},
}};

}  // namespace

std::span<const KerasLayer> merge_layers() { return kMergeLayers; }

}  // namespace burin
