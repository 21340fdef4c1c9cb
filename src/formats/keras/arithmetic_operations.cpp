// Arithmetic of keras.ops, which is also what x + y and 2 * x become: element by element, shapes broadcast as NumPy's.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

template <Op op>
TensorId build_arithmetic(const LayerCall& call) {
  return call.emit("", op, {call.inputs[0], call.inputs[1]}, ArithmeticAttributes{});
}

template <Op op>
TensorId build_plain(const LayerCall& call) {
  return call.emit("", op, {call.inputs.begin(), call.inputs.end()});
}

constexpr std::array<KerasLayer, 14> kArithmeticOperations = {{
    {"keras.ops.absolute", 1, 1, build_plain<Op::kAbs>},
    {"keras.ops.add", 2, 2, build_arithmetic<Op::kAdd>},
    {"keras.ops.divide", 2, 2, build_arithmetic<Op::kDiv>},
    {"keras.ops.exp", 1, 1, build_plain<Op::kExp>},
    {"keras.ops.log", 1, 1, build_plain<Op::kLog>},
    {"keras.ops.maximum", 2, 2, build_plain<Op::kMaximum>},
    {"keras.ops.minimum", 2, 2, build_plain<Op::kMinimum>},
    {"keras.ops.multiply", 2, 2, build_arithmetic<Op::kMul>},
    {"keras.ops.negative", 1, 1, build_plain<Op::kNeg>},
    {"keras.ops.rsqrt", 1, 1, build_plain<Op::kRsqrt>},
    {"keras.ops.sqrt", 1, 1, build_plain<Op::kSqrt>},
    {"keras.ops.square", 1, 1, build_plain<Op::kSquare>},
    {"keras.ops.subtract", 2, 2, build_arithmetic<Op::kSub>},
    {"keras.ops.true_divide", 2, 2, build_arithmetic<Op::kDiv>},
}};

}  // namespace

std::span<const KerasLayer> arithmetic_operations() { return kArithmeticOperations; }

}  // namespace burin
