// Activations, as layers and as names in other layers' configurations.
// Formulas: keras/src/activations/activations.py.
#include <array>
#include <string>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

// Emits the nodes of one activation; `part` begins with its name.
class ActivationBuilder {
 public:
  ActivationBuilder(const LayerCall& call, std::string name, bool names_layer)
      : call_(call), name_(std::move(name)), names_layer_(names_layer) {}

  // The last node of an activation layer is named as the layer, that of another layer's activation after it.
  TensorId finish(Op op, std::vector<TensorId> inputs, Attributes attributes = NoAttributes{}) const {
    return call_.emit(names_layer_ ? "" : name_, op, std::move(inputs), std::move(attributes));
  }
  TensorId step(std::string_view part, Op op, std::vector<TensorId> inputs,
                Attributes attributes = NoAttributes{}) const {
    return call_.emit(name_ + "_" + std::string(part), op, std::move(inputs), std::move(attributes));
  }
  TensorId scalar(std::string_view part, float value) const {
    return call_.graph.scalar(call_.path(), name_ + "_" + std::string(part), value);
  }
  const LayerCall& call() const { return call_; }

 private:
  const LayerCall& call_;
  std::string name_;
  bool names_layer_;
};

using Build = TensorId (*)(const ActivationBuilder& b, TensorId x);

template <Op op>
TensorId unary(const ActivationBuilder& b, TensorId x) {
  return b.finish(op, {x});
}

TensorId softmax(const ActivationBuilder& b, TensorId x) { return b.finish(Op::kSoftmax, {x}, SoftmaxAttributes{}); }

TensorId leaky_relu(const ActivationBuilder& b, TensorId x) {
  return b.finish(Op::kLeakyRelu, {x}, LeakyReluAttributes{0.2f});
}

TensorId gelu(const ActivationBuilder& b, TensorId x) { return b.finish(Op::kGelu, {x}, GeluAttributes{false}); }

TensorId silu(const ActivationBuilder& b, TensorId x) {
  return b.finish(Op::kMul, {x, b.step("logistic", Op::kLogistic, {x})}, ArithmeticAttributes{});
}

// Keras 3: relu6(x + 3) / 6. Keras 2: clip(0.2 x + 0.5, 0, 1).
TensorId hard_sigmoid(const ActivationBuilder& b, TensorId x) {
  if (b.call().config.keras2()) {
    const TensorId scaled = b.step("scaled", Op::kMul, {x, b.scalar("slope", 0.2f)}, ArithmeticAttributes{});
    const TensorId shifted = b.step("shifted", Op::kAdd, {scaled, b.scalar("offset", 0.5f)}, ArithmeticAttributes{});
    const TensorId positive = b.step("positive", Op::kRelu, {shifted});
    return b.finish(Op::kMinimum, {positive, b.scalar("one", 1.0f)});
  }
  const TensorId shifted = b.step("shifted", Op::kAdd, {x, b.scalar("three", 3.0f)}, ArithmeticAttributes{});
  const TensorId clipped = b.step("clipped", Op::kRelu6, {shifted});
  return b.finish(Op::kMul, {clipped, b.scalar("sixth", 1.0f / 6.0f)}, ArithmeticAttributes{});
}

// log(1 + exp(x)) = relu(x) + log(1 + exp(-|x|)), which does not overflow.
TensorId softplus_of(const ActivationBuilder& b, TensorId x, std::string_view part) {
  const TensorId distance = b.step("distance", Op::kAbs, {x});
  const TensorId negated = b.step("negated", Op::kNeg, {distance});
  const TensorId exponential = b.step("exponential", Op::kExp, {negated});
  const TensorId sum = b.step("sum", Op::kAdd, {exponential, b.scalar("one", 1.0f)}, ArithmeticAttributes{});
  const TensorId correction = b.step("correction", Op::kLog, {sum});
  const TensorId positive = b.step("positive", Op::kRelu, {x});
  return part.empty() ? b.finish(Op::kAdd, {positive, correction}, ArithmeticAttributes{})
                      : b.step(part, Op::kAdd, {positive, correction}, ArithmeticAttributes{});
}

TensorId softplus(const ActivationBuilder& b, TensorId x) { return softplus_of(b, x, ""); }

TensorId log_sigmoid(const ActivationBuilder& b, TensorId x) {
  return b.finish(Op::kNeg, {softplus_of(b, b.step("mirrored", Op::kNeg, {x}), "softplus")});
}

TensorId mish(const ActivationBuilder& b, TensorId x) {
  const TensorId gate = b.step("tanh", Op::kTanh, {softplus_of(b, x, "softplus")});
  return b.finish(Op::kMul, {x, gate}, ArithmeticAttributes{});
}

TensorId softsign(const ActivationBuilder& b, TensorId x) {
  const TensorId distance = b.step("distance", Op::kAbs, {x});
  const TensorId sum = b.step("sum", Op::kAdd, {distance, b.scalar("one", 1.0f)}, ArithmeticAttributes{});
  return b.finish(Op::kDiv, {x, sum}, ArithmeticAttributes{});
}

// scale * (relu(x) + alpha * elu(min(x, 0))): ELU with another slope than 1, and SELU.
TensorId scaled_elu(const ActivationBuilder& b, TensorId x, float alpha, float scale) {
  const TensorId negative = b.step("negative", Op::kMinimum, {x, b.scalar("zero", 0.0f)});
  const TensorId curve = b.step("curve", Op::kElu, {negative});
  const TensorId left = b.step("left", Op::kMul, {curve, b.scalar("alpha", alpha * scale)}, ArithmeticAttributes{});
  TensorId right = b.step("right", Op::kRelu, {x});
  if (scale != 1.0f) {
    right = b.step("right_scaled", Op::kMul, {right, b.scalar("scale", scale)}, ArithmeticAttributes{});
  }
  return b.finish(Op::kAdd, {left, right}, ArithmeticAttributes{});
}

TensorId selu(const ActivationBuilder& b, TensorId x) {
  return scaled_elu(b, x, 1.6732632423543772f, 1.0507009873554805f);
}

TensorId tanh_shrink(const ActivationBuilder& b, TensorId x) {
  return b.finish(Op::kSub, {x, b.step("tanh", Op::kTanh, {x})}, ArithmeticAttributes{});
}

TensorId soft_shrink(const ActivationBuilder& b, TensorId x) {
  const TensorId above = b.step("above", Op::kMaximum, {x, b.scalar("low", -0.5f)});
  const TensorId clipped = b.step("clipped", Op::kMinimum, {above, b.scalar("high", 0.5f)});
  return b.finish(Op::kSub, {x, clipped}, ArithmeticAttributes{});
}

// (x + sqrt(x^2 + 4)) / 2
TensorId squareplus(const ActivationBuilder& b, TensorId x) {
  const TensorId square = b.step("square", Op::kSquare, {x});
  const TensorId sum = b.step("sum", Op::kAdd, {square, b.scalar("four", 4.0f)}, ArithmeticAttributes{});
  const TensorId root = b.step("root", Op::kSqrt, {sum});
  const TensorId total = b.step("total", Op::kAdd, {x, root}, ArithmeticAttributes{});
  return b.finish(Op::kMul, {total, b.scalar("half", 0.5f)}, ArithmeticAttributes{});
}

// The first half of the channels times the logistic function of the second.
TensorId glu(const ActivationBuilder& b, TensorId x) {
  const LayerCall& call = b.call();
  const int rank = call.graph.rank(x);
  const int32_t channels = rank > 0 ? call.graph.shape(x).back() : 0;
  if (channels <= 0 || channels % 2 != 0) throw call.config.unsupported("glu needs an even number of channels");
  std::vector<int32_t> begin(static_cast<size_t>(rank), 0);
  std::vector<int32_t> size(static_cast<size_t>(rank), -1);
  size.back() = channels / 2;
  const auto half = [&](std::string_view part) {
    const std::string prefix = "glu_" + std::string(part);
    return b.step(part, Op::kSlice,
                  {x, call.graph.constant(call.path(), prefix + "_begin", begin),
                   call.graph.constant(call.path(), prefix + "_size", size)});
  };
  const TensorId value = half("value");
  begin.back() = channels / 2;
  const TensorId gate = b.step("logistic", Op::kLogistic, {half("gate")});
  return b.finish(Op::kMul, {value, gate}, ArithmeticAttributes{});
}

struct Activation {
  std::string_view name;
  Build build;
};

constexpr std::array<Activation, 28> kActivations = {{
    {"celu", unary<Op::kElu>},
    {"elu", unary<Op::kElu>},
    {"exponential", unary<Op::kExp>},
    {"gelu", gelu},
    {"glu", glu},
    {"hard_sigmoid", hard_sigmoid},
    {"hard_silu", unary<Op::kHardSwish>},
    {"hard_swish", unary<Op::kHardSwish>},
    {"hard_tanh", unary<Op::kReluN1To1>},
    {"leaky_relu", leaky_relu},
    {"log_sigmoid", log_sigmoid},
    {"log_softmax", unary<Op::kLogSoftmax>},
    {"mish", mish},
    {"relu", unary<Op::kRelu>},
    {"relu6", unary<Op::kRelu6>},
    {"selu", selu},
    {"sigmoid", unary<Op::kLogistic>},
    {"silu", silu},
    {"soft_shrink", soft_shrink},
    {"softmax", softmax},
    {"softplus", softplus},
    {"softsign", softsign},
    {"squareplus", squareplus},
    {"swish", silu},
    {"tanh", unary<Op::kTanh>},
    {"tanh_shrink", tanh_shrink},
    {"hardsigmoid", hard_sigmoid},
    {"hardswish", unary<Op::kHardSwish>},
}};

// "relu", or the name of a function as Keras serializes it.
const Json* activation_name(const Json& activation) {
  if (activation.is_string()) return &activation;
  const Json* class_name = find_member(activation, "class_name");
  const Json* config = find_member(activation, "config");
  if (class_name == nullptr || config == nullptr) return nullptr;
  return *class_name == "function" && config->is_string() ? config : nullptr;
}

Error unknown_activation(const LayerConfig& config, std::string_view key) {
  const Json* activation = config.find(key);
  if (activation == nullptr || !activation->is_object()) return config.unsupported_value(key);
  const Json* name = activation_name(*activation);
  if (name == nullptr && find_member(*activation, "value") == nullptr) return config.unsupported_value(key);
  return config.unsupported(
      std::string(key) + (name == nullptr ? " is a Python lambda"
                                          : " is a Python function of your own (" + name->get<std::string>() + ")"),
      "Python code in a model is never executed: use an activation of Keras.");
}

TensorId apply_named(const LayerCall& call, std::string_view key, const std::string& name, TensorId x,
                     bool names_layer) {
  for (const Activation& activation : kActivations) {
    if (activation.name == name) return activation.build(ActivationBuilder(call, name, names_layer), x);
  }
  throw unknown_activation(call.config, key);
}

// max_value, negative_slope, threshold: see keras/src/layers/activations/relu.py.
TensorId build_relu(const LayerCall& call) {
  const LayerConfig& config = call.config;
  if (config.number("threshold", 0.0f) != 0.0f) throw config.unsupported_value("threshold");
  const float slope = config.number("negative_slope", 0.0f);
  const float limit = config.number("max_value", -1.0f);
  const bool limited = config.find("max_value") != nullptr;
  if (limited && limit < 0.0f) throw config.unsupported_value("max_value");
  if (slope == 0.0f && limited && limit == 6.0f) return call.emit("", Op::kRelu6, {call.input()});
  const std::string_view part = limited ? "unlimited" : "";
  const TensorId positive = slope == 0.0f ? call.emit(part, Op::kRelu, {call.input()})
                                          : call.emit(part, Op::kLeakyRelu, {call.input()}, LeakyReluAttributes{slope});
  if (!limited) return positive;
  return call.emit("", Op::kMinimum, {positive, call.graph.scalar(call.path(), "max_value", limit)});
}

TensorId build_leaky_relu(const LayerCall& call) {
  // Keras 2 called the slope alpha.
  const char* key = call.config.find("negative_slope") == nullptr ? "alpha" : "negative_slope";
  return call.emit("", Op::kLeakyRelu, {call.input()}, LeakyReluAttributes{call.config.number(key, 0.3f)});
}

TensorId build_elu(const LayerCall& call) {
  const float alpha = call.config.number("alpha", 1.0f);
  if (alpha == 1.0f) return call.emit("", Op::kElu, {call.input()});
  return scaled_elu(ActivationBuilder(call, "elu", true), call.input(), alpha, 1.0f);
}

TensorId build_prelu(const LayerCall& call) {
  const Shape& input = call.input_shape();
  Shape expected;
  for (int i = 1; i < input.rank(); ++i) expected.append(input[i]);
  if (call.config.find("shared_axes") != nullptr) {
    for (const int32_t axis : call.config.integers("shared_axes")) {
      if (axis < 1 || axis >= input.rank()) throw call.config.unsupported_value("shared_axes");
      expected[axis - 1] = 1;
    }
  }
  const TensorId alpha =
      call.graph.constant(call.path(), "alpha", call.weights.read(call.config, 0, "alpha", expected));
  return call.emit("", Op::kPrelu, {call.input(), alpha});
}

TensorId build_softmax(const LayerCall& call) {
  const std::vector<int32_t> axes =
      call.config.find("axis") == nullptr ? std::vector<int32_t>{-1} : call.config.integers("axis");
  const int rank = call.rank();
  const int32_t axis = axes.size() == 1 && axes[0] < 0 ? axes[0] + rank : axes.empty() ? -1 : axes[0];
  if (axes.size() != 1 || axis < 1 || axis >= rank) throw call.config.unsupported_value("axis");
  if (axis == rank - 1) return call.emit("", Op::kSoftmax, {call.input()}, SoftmaxAttributes{});
  // SOFTMAX works along the last dimension: exchange the two, which is its own inverse.
  std::vector<int32_t> order(static_cast<size_t>(rank));
  for (int32_t i = 0; i < rank; ++i) order[static_cast<size_t>(i)] = i;
  std::swap(order[static_cast<size_t>(axis)], order.back());
  const TensorId permutation = call.graph.constant(call.path(), "order", order);
  const TensorId moved = call.emit("moved", Op::kTranspose, {call.input(), permutation});
  const TensorId softmaxed = call.emit("softmax", Op::kSoftmax, {moved}, SoftmaxAttributes{});
  return call.emit("", Op::kTranspose, {softmaxed, permutation});
}

TensorId build_activation(const LayerCall& call) {
  const Json* activation = call.config.find("activation");
  const Json* name = activation == nullptr ? nullptr : activation_name(*activation);
  if (name != nullptr && *name == "linear") {
    return call.emit("", Op::kIdentity, {call.input()}, IdentityAttributes{"Activation"});
  }
  if (name != nullptr) return apply_named(call, "activation", name->get<std::string>(), call.input(), true);
  return apply_activation(call, "activation", call.input());
}

// A function of keras.ops without parameters: its class is "keras.ops.relu".
TensorId build_function(const LayerCall& call) {
  const std::string& class_name = call.config.class_name();
  return apply_named(call, "", class_name.substr(class_name.rfind('.') + 1), call.input(), true);
}

constexpr std::array<KerasLayer, 22> kActivationLayers = {{
    {"Activation", 1, 1, build_activation},
    {"ELU", 1, 1, build_elu},
    {"LeakyReLU", 1, 1, build_leaky_relu},
    {"PReLU", 1, 1, build_prelu},
    {"ReLU", 1, 1, build_relu},
    {"Softmax", 1, 1, build_softmax},
    {"keras.ops.elu", 1, 1, build_elu},
    {"keras.ops.hard_sigmoid", 1, 1, build_function},
    {"keras.ops.hard_silu", 1, 1, build_function},
    {"keras.ops.hard_tanh", 1, 1, build_function},
    {"keras.ops.leaky_relu", 1, 1, build_leaky_relu},
    {"keras.ops.log_sigmoid", 1, 1, build_function},
    {"keras.ops.relu", 1, 1, build_function},
    {"keras.ops.relu6", 1, 1, build_function},
    {"keras.ops.selu", 1, 1, build_function},
    {"keras.ops.sigmoid", 1, 1, build_function},
    {"keras.ops.silu", 1, 1, build_function},
    {"keras.ops.softmax", 1, 1, build_softmax},
    {"keras.ops.softplus", 1, 1, build_function},
    {"keras.ops.softsign", 1, 1, build_function},
    {"keras.ops.tanh", 1, 1, build_function},
    {"keras.ops.tanh_shrink", 1, 1, build_function},
}};

}  // namespace

std::span<const KerasLayer> activation_layers() { return kActivationLayers; }

TensorId apply_activation(const LayerCall& call, std::string_view key, TensorId tensor) {
  const Json* activation = call.config.find(key);
  if (activation == nullptr) return tensor;
  if (const Json* name = activation_name(*activation)) {
    const std::string text = name->get<std::string>();
    return text == "linear" ? tensor : apply_named(call, key, text, tensor, false);
  }
  // An activation layer in place of a name. Those with weights cannot stand there.
  const Json* class_name = find_member(*activation, "class_name");
  const Json* config = find_member(*activation, "config");
  if (class_name == nullptr || config == nullptr || !class_name->is_string()) {
    throw unknown_activation(call.config, key);
  }
  for (const KerasLayer& layer : kActivationLayers) {
    if (layer.class_name != class_name->get<std::string>() || layer.build == build_prelu) continue;
    const LayerConfig inner(*config, call.path(), std::string(key), std::string(layer.class_name),
                            call.config.keras2());
    if (layer.build == build_activation)
      return apply_activation({inner, {}, std::span(&tensor, 1), call.graph}, key, tensor);
    return layer.build({inner, {}, std::span(&tensor, 1), call.graph});
  }
  throw call.config.unsupported_value(key);
}

}  // namespace burin
