#include "one_operator_cases.hpp"

#include <cmath>

namespace burin {

namespace {

constexpr Tolerance kExact{0, 0};
constexpr Tolerance kFloat{2e-6, 2e-6};
constexpr auto kSame = Padding::kSame;
constexpr auto kValid = Padding::kValid;
constexpr auto kNone = FusedActivation::kNone;
constexpr auto kRelu = FusedActivation::kRelu;
constexpr auto kRelu6 = FusedActivation::kRelu6;

Quantization affine(float scale, int32_t zero_point) { return {{scale}, {zero_point}, -1}; }

Operand real(const Shape& shape, double low = -1, double high = 1) {
  return {ElementType::kFloat32, shape, {}, false, low, high, {}};
}
Operand codes(ElementType type, const Shape& shape, float scale, int32_t zero_point) {
  const bool wide = type == ElementType::kInt16;
  const double low = type == ElementType::kUInt8 ? 0 : wide ? -32768 : -128;
  return {type, shape, affine(scale, zero_point), false, low, low + (wide ? 65535 : 255), {}};
}
Operand int8(const Shape& shape, float scale, int32_t zero_point) {
  return codes(ElementType::kInt8, shape, scale, zero_point);
}
Operand uint8(const Shape& shape, float scale, int32_t zero_point) {
  return codes(ElementType::kUInt8, shape, scale, zero_point);
}
// Multiples of an eighth between -20 and 20.
Operand ties(const Shape& shape) {
  Operand result = real(shape);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    result.values.push_back(static_cast<double>((i * 89) % 321 - 160) / 8.0);
  }
  return result;
}
Operand int16(const Shape& shape, float scale) { return codes(ElementType::kInt16, shape, scale, 0); }
Operand constant(Operand operand) {
  operand.constant = true;
  return operand;
}
Operand integers(std::vector<double> values) {
  return {ElementType::kInt32, Shape{static_cast<int32_t>(values.size())}, {}, true, 0, 0, std::move(values)};
}
Operand paddings(std::vector<double> values) {
  const auto rows = static_cast<int32_t>(values.size() / 2);
  return {ElementType::kInt32, Shape{rows, 2}, {}, true, 0, 0, std::move(values)};
}

// Scales that differ from channel to channel by up to 2.7.
Quantization channel_scales(float scale, int32_t channels, int axis) {
  Quantization result;
  for (int32_t c = 0; c < channels; ++c) {
    result.scales.push_back(scale * (0.6f + 0.1f * static_cast<float>((c * 7) % 11)));
    result.zero_points.push_back(0);
  }
  result.axis = axis;
  return result;
}
Operand weights(ElementType type, const Shape& shape, float scale, int axis) {
  return {type, shape, channel_scales(scale, shape[axis], axis), true, -127, 127, {}};
}
Operand bias(ElementType type, const Operand& input, const Operand& weight, int32_t channels, double magnitude) {
  Operand result{type, Shape{channels}, *weight.quantization, true, -magnitude, magnitude, {}};
  for (float& scale : result.quantization->scales) scale *= input.quantization->scales[0];
  for (int32_t& zero_point : result.quantization->zero_points) zero_point = 0;
  if (result.quantization->axis >= 0) result.quantization->axis = 0;
  return result;
}

// CONV_2D, DEPTHWISE_CONV_2D (axis 3) and FULLY_CONNECTED in every type.
struct Weighted {
  std::string name;
  Op op;
  Attributes attributes;
  Shape input, kernel;
  int axis;  // of output channels
};

void add_float(std::vector<OperatorCase>& cases, const Weighted& w) {
  const int32_t channels = w.kernel[w.axis];
  cases.push_back({w.name + "_float32",
                   w.op,
                   w.attributes,
                   {real(w.input), constant(real(w.kernel)), constant(real(Shape{channels}))},
                   {},
                   kFloat});
}

// The output's scale is chosen so that about a tenth of the values saturates.
float output_scale(const Weighted& w, float input_scale, float weight_scale, float code_deviation, float output_codes) {
  const int64_t depth = w.axis == 3 ? int64_t{w.kernel[1]} * w.kernel[2] : w.kernel.elements() / w.kernel[0];
  return input_scale * weight_scale * code_deviation * 73.0f * std::sqrt(static_cast<float>(depth)) / output_codes;
}

void add_int8(std::vector<OperatorCase>& cases, const Weighted& w, int32_t input_zero_point,
              int32_t output_zero_point) {
  const Operand input = int8(w.input, 0.0235f, input_zero_point);
  const Operand weight = weights(ElementType::kInt8, w.kernel, 0.0041f, w.axis);
  Operand output{ElementType::kInt8, {}, affine(output_scale(w, 0.0235f, 0.0041f, 90.0f, 80.0f), output_zero_point)};
  cases.push_back({w.name + "_int8",
                   w.op,
                   w.attributes,
                   {input, weight, bias(ElementType::kInt32, input, weight, w.kernel[w.axis], 30000)},
                   output,
                   kExact});
}

void add_uint8(std::vector<OperatorCase>& cases, const Weighted& w, Tolerance tolerance) {
  const Operand input = uint8(w.input, 0.0235f, 121);
  Operand weight = constant(uint8(w.kernel, 0.0041f, 133));
  Operand output{ElementType::kUInt8, {}, affine(output_scale(w, 0.0235f, 0.0041f, 90.0f, 80.0f), 101)};
  cases.push_back({w.name + "_uint8",
                   w.op,
                   w.attributes,
                   {input, weight, bias(ElementType::kInt32, input, weight, w.kernel[w.axis], 30000)},
                   output,
                   tolerance});
}

void add_int16(std::vector<OperatorCase>& cases, const Weighted& w) {
  const Operand input = int16(w.input, 0.00021f);
  const Operand weight = weights(ElementType::kInt8, w.kernel, 0.0041f, w.axis);
  Operand output{ElementType::kInt16, {}, affine(output_scale(w, 0.00021f, 0.0041f, 20000.0f, 20000.0f), 0)};
  cases.push_back({w.name + "_int16",
                   w.op,
                   w.attributes,
                   {input, weight, bias(ElementType::kInt64, input, weight, w.kernel[w.axis], 1000000)},
                   output,
                   kExact});
}

void add_hybrid(std::vector<OperatorCase>& cases, const Weighted& w, bool per_channel, Tolerance tolerance) {
  Operand weight = weights(ElementType::kInt8, w.kernel, 0.0041f, w.axis);
  if (!per_channel) weight.quantization = affine(0.0041f, 0);
  cases.push_back({w.name + (per_channel ? "_hybrid" : "_hybrid_per_tensor"),
                   w.op,
                   w.attributes,
                   {real(w.input, -1.3, 2.1), weight, constant(real(Shape{w.kernel[w.axis]}))},
                   {},
                   tolerance});
}

// int8 activations and 4-bit weights. Every code occurs, -8 too.
void add_int4(std::vector<OperatorCase>& cases, const Weighted& w, bool per_channel, Tolerance tolerance) {
  const Operand input = int8(w.input, 0.0235f, -11);
  Operand weight = weights(ElementType::kInt4, w.kernel, 0.065f, w.axis);
  if (!per_channel) weight.quantization = affine(0.065f, 0);
  Operand output{ElementType::kInt8, {}, affine(output_scale(w, 0.0235f, 0.065f, 5.6f, 80.0f), 5)};
  cases.push_back({w.name + (per_channel ? "_int4" : "_int4_per_tensor"),
                   w.op,
                   w.attributes,
                   {input, weight, bias(ElementType::kInt32, input, weight, w.kernel[w.axis], 1800)},
                   output,
                   tolerance});
}

void add_convolutions(std::vector<OperatorCase>& cases) {
  const Weighted table[] = {
      {"conv_1x1", Op::kConv2d, Conv2dAttributes{kValid, 1, 1, 1, 1, kRelu6}, {2, 7, 5, 19}, {23, 1, 1, 19}, 0},
      {"conv_1x1_stride2", Op::kConv2d, Conv2dAttributes{kValid, 2, 2, 1, 1, kNone}, {2, 7, 5, 12}, {9, 1, 1, 12}, 0},
      {"conv_3x3_same_stride2",
       Op::kConv2d,
       Conv2dAttributes{kSame, 2, 2, 1, 1, kRelu6},
       {1, 15, 17, 3},
       {18, 3, 3, 3},
       0},
      {"conv_3x3_same", Op::kConv2d, Conv2dAttributes{kSame, 1, 1, 1, 1, kNone}, {2, 9, 8, 6}, {33, 3, 3, 6}, 0},
      {"conv_7x7_valid_stride2",
       Op::kConv2d,
       Conv2dAttributes{kValid, 2, 2, 1, 1, kRelu},
       {1, 21, 23, 3},
       {11, 7, 7, 3},
       0},
      {"conv_2x3_uneven_strides",
       Op::kConv2d,
       Conv2dAttributes{kSame, 3, 2, 1, 1, kNone},
       {1, 11, 10, 5},
       {7, 2, 3, 5},
       0},
      {"conv_dilated", Op::kConv2d, Conv2dAttributes{kSame, 1, 1, 2, 3, kNone}, {1, 11, 13, 4}, {9, 3, 3, 4}, 0},
      {"conv_grouped", Op::kConv2d, Conv2dAttributes{kSame, 1, 1, 1, 1, kNone}, {1, 7, 7, 6}, {10, 3, 3, 3}, 0},
      {"conv_n1_to_1",
       Op::kConv2d,
       Conv2dAttributes{kValid, 1, 1, 1, 1, FusedActivation::kReluN1To1},
       {1, 5, 5, 8},
       {4, 3, 3, 8},
       0},
      {"depthwise_3x3_same",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 1, 1, 1, 1, 1, kRelu6},
       {2, 9, 7, 21},
       {1, 3, 3, 21},
       3},
      {"depthwise_3x3_same_stride2",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 2, 2, 1, 1, 1, kRelu6},
       {1, 14, 15, 16},
       {1, 3, 3, 16},
       3},
      {"depthwise_5x5_valid",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kValid, 1, 1, 1, 1, 1, kNone},
       {1, 11, 9, 5},
       {1, 5, 5, 5},
       3},
      {"depthwise_multiplier",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 1, 1, 1, 1, 3, kNone},
       {1, 8, 7, 5},
       {1, 3, 3, 15},
       3},
      {"depthwise_dilated",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 1, 1, 2, 2, 1, kNone},
       {1, 10, 11, 7},
       {1, 3, 3, 7},
       3},
      {"fully_connected", Op::kFullyConnected, FullyConnectedAttributes{false, false, kNone}, {3, 45}, {17, 45}, 0},
      {"fully_connected_relu",
       Op::kFullyConnected,
       FullyConnectedAttributes{false, false, kRelu},
       {1, 128},
       {9, 128},
       0},
      {"fully_connected_keep_dims",
       Op::kFullyConnected,
       FullyConnectedAttributes{true, false, kNone},
       {2, 3, 20},
       {5, 20},
       0},
  };
  for (const Weighted& w : table) {
    add_float(cases, w);
    add_int8(cases, w, -11, 5);
    add_int16(cases, w);
    add_hybrid(cases, w, true, {2e-6, 2e-6});
    // Depthwise: LiteRT's plain kernels round by shape, and its reference kernels do not take int4.
    const Tolerance int4_tolerance = w.axis == 3 ? Tolerance{1, kRefused} : kExact;
    add_int4(cases, w, true, int4_tolerance);
    add_int4(cases, w, false, int4_tolerance);
  }
  for (size_t i : {0, 2, 9, 10, 14}) add_uint8(cases, table[i], {0, 0});
  for (size_t i : {0, 1, 3, 14, 15}) add_hybrid(cases, table[i], false, {2e-6, 2e-6});
  Weighted extreme = table[3];
  extreme.name = "conv_zero_point_lowest";
  add_int8(cases, extreme, -128, -128);
  extreme.name = "conv_zero_point_highest";
  add_int8(cases, extreme, 127, 127);
}

void add_arithmetic(std::vector<OperatorCase>& cases) {
  struct Row {
    const char* name;
    Op op;
  };
  struct Shapes {
    const char* name;
    Shape a, b;
  };
  const Shapes shapes[] = {{"same", {2, 5, 3, 7}, {2, 5, 3, 7}},
                           {"channel", {2, 5, 3, 7}, {7}},
                           {"scalar", {3, 11}, {1}},
                           {"both", {3, 1, 4}, {5, 1}}};
  for (const Row& row : {Row{"add", Op::kAdd}, Row{"sub", Op::kSub}, Row{"mul", Op::kMul}}) {
    for (const Shapes& s : shapes) {
      const std::string name = std::string(row.name) + "_" + s.name;
      cases.push_back({name + "_float32", row.op, ArithmeticAttributes{}, {real(s.a), real(s.b)}, {}, kFloat});
      const float scale = row.op == Op::kMul ? 0.021f : 0.071f;
      cases.push_back({name + "_int8",
                       row.op,
                       ArithmeticAttributes{},
                       {int8(s.a, 0.031f, -7), int8(s.b, 0.047f, 13)},
                       {ElementType::kInt8, {}, affine(scale, 3)},
                       kExact});
    }
    const Shape shape{2, 5, 3, 7};
    const std::string name = row.name;
    const float scale = row.op == Op::kMul ? 0.021f : 0.071f;
    cases.push_back(
        {name + "_relu6_float32", row.op, ArithmeticAttributes{kRelu6}, {real(shape, -9, 9), real(shape)}, {}, kFloat});
    cases.push_back({name + "_relu_int8",
                     row.op,
                     ArithmeticAttributes{kRelu},
                     {int8(shape, 0.5f, -7), int8(shape, 0.0013f, 13)},
                     {ElementType::kInt8, {}, affine(row.op == Op::kMul ? 0.11f : 0.37f, -100)},
                     kExact});
    cases.push_back({name + "_uint8",
                     row.op,
                     ArithmeticAttributes{},
                     {uint8(shape, 0.031f, 120), uint8(shape, 0.047f, 141)},
                     {ElementType::kUInt8, {}, affine(scale, 131)},
                     kExact});
    cases.push_back({name + "_int16",
                     row.op,
                     ArithmeticAttributes{},
                     {int16(shape, 0.00031f), int16(shape, 0.00047f)},
                     {ElementType::kInt16, {}, affine(row.op == Op::kMul ? 0.0031f : 0.00071f, 0)},
                     kExact});
    Operand ints{ElementType::kInt32, shape, {}, false, -1000, 1000, {}};
    cases.push_back({name + "_int32", row.op, ArithmeticAttributes{}, {ints, ints}, {ElementType::kInt32}, kExact});
  }
  cases.push_back({"div_float32", Op::kDiv, ArithmeticAttributes{}, {real({3, 5}), real({5}, 0.5, 2)}, {}, kFloat});
  for (const Row& row : {Row{"maximum", Op::kMaximum}, Row{"minimum", Op::kMinimum}}) {
    const std::string name = row.name;
    cases.push_back({name + "_float32", row.op, {}, {real({2, 5, 3}), real({3})}, {}, {0, 0}});
    cases.push_back({name + "_int8",
                     row.op,
                     {},
                     {int8({2, 5, 3}, 0.1f, 3), int8({2, 5, 3}, 0.1f, 3)},
                     {ElementType::kInt8, {}, affine(0.1f, 3)},
                     kExact});
  }
}

void add_unary(std::vector<OperatorCase>& cases) {
  struct Row {
    const char* name;
    Op op;
    Attributes attributes;
    double low, high;
    Tolerance tolerance;
  };
  const Row floats[] = {{"abs", Op::kAbs, {}, -3, 3, kExact},
                        {"ceil", Op::kCeil, {}, -3, 3, {0, kRefused}},
                        {"elu", Op::kElu, {}, -6, 3, {2e-6, kRefused}},
                        {"exp", Op::kExp, {}, -5, 5, kFloat},
                        {"gelu", Op::kGelu, GeluAttributes{false}, -5, 5, kFloat},
                        {"gelu_tanh", Op::kGelu, GeluAttributes{true}, -5, 5, kFloat},
                        {"hard_swish", Op::kHardSwish, {}, -5, 5, kFloat},
                        {"leaky_relu", Op::kLeakyRelu, LeakyReluAttributes{0.2f}, -3, 3, kFloat},
                        {"log", Op::kLog, {}, 0.01, 9, kFloat},
                        {"log_softmax", Op::kLogSoftmax, {}, -5, 5, kFloat},
                        {"logistic", Op::kLogistic, {}, -9, 9, kFloat},
                        {"neg", Op::kNeg, {}, -3, 3, kExact},
                        {"relu", Op::kRelu, {}, -3, 3, kExact},
                        {"relu6", Op::kRelu6, {}, -3, 9, kExact},
                        {"relu_n1_to_1", Op::kReluN1To1, {}, -3, 3, kExact},
                        {"rsqrt", Op::kRsqrt, {}, 0.01, 9, kFloat},
                        {"softmax", Op::kSoftmax, SoftmaxAttributes{1.0f}, -5, 5, kFloat},
                        {"softmax_beta", Op::kSoftmax, SoftmaxAttributes{0.7f}, -5, 5, kFloat},
                        {"sqrt", Op::kSqrt, {}, 0, 9, kFloat},
                        {"square", Op::kSquare, {}, -3, 3, kFloat},
                        {"tanh", Op::kTanh, {}, -5, 5, kFloat}};
  for (const Row& row : floats) {
    cases.push_back({std::string(row.name) + "_float32",
                     row.op,
                     row.attributes,
                     {real({2, 13, 11}, row.low, row.high)},
                     {},
                     row.tolerance});
  }
  cases.push_back({"prelu_float32", Op::kPrelu, {}, {real({2, 5, 4, 7}), constant(real({1, 1, 7}))}, {}, kFloat});
  const Shape shape{2, 31, 17};
  const auto quantized = [&](const char* name, Op op, const Attributes& attributes, float scale, int32_t zero_point,
                             float output_scale, int32_t output_zero_point, Tolerance tolerance) {
    cases.push_back({std::string(name) + "_int8",
                     op,
                     attributes,
                     {int8(shape, scale, zero_point)},
                     {ElementType::kInt8, {}, affine(output_scale, output_zero_point)},
                     tolerance});
  };
  quantized("logistic", Op::kLogistic, {}, 0.063f, 9, 1.0f / 256, -128, kExact);
  quantized("tanh", Op::kTanh, {}, 0.031f, -17, 1.0f / 128, 0, kExact);
  quantized("softmax", Op::kSoftmax, SoftmaxAttributes{1.0f}, 0.063f, 9, 1.0f / 256, -128, kExact);
  quantized("hard_swish", Op::kHardSwish, {}, 0.047f, 3, 0.031f, -116, kExact);
  quantized("leaky_relu", Op::kLeakyRelu, LeakyReluAttributes{0.2f}, 0.047f, 3, 0.043f, -50, kExact);
  quantized("relu", Op::kRelu, {}, 0.047f, 3, 0.047f, 3, kExact);
  quantized("relu_rescaled", Op::kRelu, {}, 0.047f, 3, 0.025f, -128, kExact);
  quantized("relu6", Op::kRelu6, {}, 0.09f, -20, 6.0f / 255, -128, kExact);
  quantized("rsqrt", Op::kRsqrt, {}, 0.0078f, -128, 0.0391f, -128, kExact);
  quantized("rsqrt_wide", Op::kRsqrt, {}, 3.7f, -128, 0.0041f, -90, kExact);
  cases.push_back({"leaky_relu_int16",
                   Op::kLeakyRelu,
                   LeakyReluAttributes{0.2f},
                   {int16(shape, 0.00031f)},
                   {ElementType::kInt16, {}, affine(0.00029f, 0)},
                   kExact});
}

void add_pools(std::vector<OperatorCase>& cases) {
  struct Row {
    const char* name;
    Op op;
    Pool2dAttributes attributes;
  };
  const Row rows[] = {{"average_pool_same", Op::kAveragePool2d, {kSame, 2, 2, 3, 3, kNone}},
                      {"average_pool_valid", Op::kAveragePool2d, {kValid, 1, 2, 2, 3, kRelu6}},
                      {"max_pool_same", Op::kMaxPool2d, {kSame, 2, 2, 3, 3, kNone}},
                      {"max_pool_valid", Op::kMaxPool2d, {kValid, 2, 2, 2, 2, kRelu}}};
  for (const Row& row : rows) {
    const Shape shape{2, 9, 11, 13};
    const std::string name = row.name;
    cases.push_back({name + "_float32", row.op, row.attributes, {real(shape, -9, 9)}, {}, kFloat});
    cases.push_back({name + "_int8",
                     row.op,
                     row.attributes,
                     {int8(shape, 0.07f, -13)},
                     {ElementType::kInt8, {}, affine(0.07f, -13)},
                     kExact});
    cases.push_back({name + "_uint8",
                     row.op,
                     row.attributes,
                     {uint8(shape, 0.07f, 113)},
                     {ElementType::kUInt8, {}, affine(0.07f, 113)},
                     kExact});
    cases.push_back({name + "_int16",
                     row.op,
                     row.attributes,
                     {int16(shape, 0.0007f)},
                     {ElementType::kInt16, {}, affine(0.0007f, 0)},
                     kExact});
  }
}

void add_reductions(std::vector<OperatorCase>& cases) {
  struct Row {
    const char* name;
    Op op;
    std::vector<double> axes;
    bool keep_dims;
  };
  const Row rows[] = {{"mean_spatial", Op::kMean, {1, 2}, false},
                      {"mean_keep_dims", Op::kMean, {1, 2}, true},
                      {"mean_last", Op::kMean, {-1}, false},
                      {"sum_spatial", Op::kSum, {1, 2}, false},
                      {"reduce_max_spatial", Op::kReduceMax, {1, 2}, true}};
  for (const Row& row : rows) {
    const Shape shape{2, 7, 5, 13};
    const std::string name = row.name;
    const bool same = row.op == Op::kReduceMax;
    // BUILTIN_REF of LiteRT 2.3 gives -1 for every int8 SUM.
    const float scale = same ? 0.07f : row.op == Op::kSum ? 0.9f : 0.011f;
    cases.push_back(
        {name + "_float32", row.op, ReduceAttributes{row.keep_dims}, {real(shape), integers(row.axes)}, {}, kFloat});
    cases.push_back({name + "_int8",
                     row.op,
                     ReduceAttributes{row.keep_dims},
                     {int8(shape, 0.07f, -13), integers(row.axes)},
                     {ElementType::kInt8, {}, affine(scale, same ? -13 : 5)},
                     row.op == Op::kSum ? Tolerance{0, kNotFollowed} : kExact});
    if (row.op == Op::kMean) {
      cases.push_back({name + "_int16",
                       row.op,
                       ReduceAttributes{row.keep_dims},
                       {int16(shape, 0.0007f), integers(row.axes)},
                       {ElementType::kInt16, {}, affine(0.0003f, 0)},
                       kExact});
    }
  }
}

void add_structure(std::vector<OperatorCase>& cases) {
  const Shape shape{2, 5, 3, 7};
  const Quantization quantization = affine(0.07f, -13);
  struct Kind {
    const char* name;
    Operand data;
    Operand fill;
  };
  Operand fill_code = constant(int8({1}, 0.07f, -13));
  fill_code.values = {77};
  Operand fill_real = constant(real({1}));
  fill_real.values = {127.5};
  const Kind kinds[] = {{"_float32", real(shape), fill_real}, {"_int8", int8(shape, 0.07f, -13), fill_code}};
  for (const Kind& kind : kinds) {
    const Operand output{kind.data.type, {}, kind.data.quantization};
    const auto add = [&](const char* name, Op op, const Attributes& attributes, std::vector<Operand> inputs) {
      cases.push_back({std::string(name) + kind.name, op, attributes, std::move(inputs), output, kExact});
    };
    const Operand& x = kind.data;
    add("pad", Op::kPad, {}, {x, paddings({0, 0, 1, 2, 0, 3, 0, 0})});
    add("pad_v2", Op::kPadV2, {}, {x, paddings({0, 0, 1, 2, 0, 3, 0, 0}), kind.fill});
    Operand other = x;
    other.shape = Shape{2, 5, 3, 4};
    add("concatenation_last", Op::kConcatenation, ConcatenationAttributes{3, kNone}, {x, other, x});
    add("concatenation_first", Op::kConcatenation, ConcatenationAttributes{0, kNone}, {x, x});
    add("reshape", Op::kReshape, ReshapeAttributes{{-1, 35}}, {x, integers({-1, 35})});
    add("transpose", Op::kTranspose, {}, {x, integers({0, 3, 1, 2})});
    add("slice", Op::kSlice, {}, {x, integers({0, 1, 0, 2}), integers({2, 3, -1, 4})});
    add("strided_slice", Op::kStridedSlice, StridedSliceAttributes{1, 1, 0, 0, 2, false},
        {x, integers({0, -2, 2, 1}), integers({2, 5, 0, 7}), integers({1, 1, -1, 3})});
    add("pack", Op::kPack, PackAttributes{1, 2}, {x, x});
    add("expand_dims", Op::kExpandDims, {}, {x, integers({1})});
    Operand single = x;
    single.shape = Shape{1, 5, 1, 7};
    add("squeeze", Op::kSqueeze, SqueezeAttributes{{2}}, {single});
    const bool real_values = x.type == ElementType::kFloat32;
    struct Resize {
      const char* name;
      ResizeAttributes attributes;
    };
    for (const Resize& r :
         {Resize{"", {false, false}}, Resize{"_half_pixel", {false, true}}, Resize{"_corners", {true, false}}}) {
      cases.push_back({std::string("resize_bilinear") + r.name + kind.name,
                       Op::kResizeBilinear,
                       r.attributes,
                       {x, integers({11, 7})},
                       output,
                       real_values ? kFloat : kExact});
      cases.push_back({std::string("resize_nearest") + r.name + kind.name,
                       Op::kResizeNearestNeighbor,
                       r.attributes,
                       {x, integers({11, 7})},
                       output,
                       kExact});
    }
  }
  cases.push_back({"pad_int16",
                   Op::kPad,
                   {},
                   {int16(shape, 0.001f), paddings({0, 0, 1, 2, 0, 3, 0, 0})},
                   {ElementType::kInt16, {}, affine(0.001f, 0)},
                   kExact});
  cases.push_back({"shape", Op::kShape, ShapeAttributes{}, {real(shape)}, {ElementType::kInt32}, kExact});
}

void add_conversions(std::vector<OperatorCase>& cases) {
  const Shape shape{3, 17, 19};
  const Operand wide = real(shape, -7, 7);
  const auto add = [&](const char* name, const Operand& input, ElementType type, float scale, int32_t zero_point,
                       Tolerance tolerance) {
    cases.push_back({name, Op::kQuantize, {}, {input}, {type, {}, affine(scale, zero_point)}, tolerance});
  };
  add("quantize_int8", wide, ElementType::kInt8, 0.047f, 11, {0, 0});
  add("quantize_uint8", wide, ElementType::kUInt8, 0.047f, 131, {0, 0});
  add("quantize_int16", wide, ElementType::kInt16, 0.00021f, 0, {0, 0});
  add("quantize_int8_to_uint8", int8(shape, 0.07f, -13), ElementType::kUInt8, 0.07f, 115, kExact);
  add("quantize_uint8_to_int8", uint8(shape, 0.07f, 115), ElementType::kInt8, 0.07f, -13, kExact);
  add("quantize_int8_to_int8", int8(shape, 0.07f, -13), ElementType::kInt8, 0.043f, 5, kExact);
  add("quantize_int16_to_int8", int16(shape, 0.00021f), ElementType::kInt8, 0.047f, 11, kExact);
  add("quantize_int16_to_int32", int16(shape, 0.00049f), ElementType::kInt32, 1.4901161e-07f, 0, kExact);
  const Operand int32{ElementType::kInt32, shape, affine(0.00049f, 0), false, -1000000, 1000000, {}};
  add("quantize_int32_to_int16", int32, ElementType::kInt16, 0.021f, 0, kExact);
  add("quantize_int32_to_int8", int32, ElementType::kInt8, 4.1f, -3, kExact);
  const auto dequantize = [&](const char* name, const Operand& input, Tolerance tolerance) {
    cases.push_back({name, Op::kDequantize, {}, {input}, {}, tolerance});
  };
  dequantize("dequantize_int8", int8(shape, 0.07f, -13), kExact);
  dequantize("dequantize_uint8", uint8(shape, 0.07f, 115), kExact);
  dequantize("dequantize_int16", int16(shape, 0.0007f), kExact);
  dequantize("dequantize_float16", {ElementType::kFloat16, shape, {}, false, 0x2c00, 0x4400, {}}, kExact);
}

// int8 with 20,000 outputs and more: about one output in a thousand of a convolution lies where the arithmetics differ.
void add_large(std::vector<OperatorCase>& cases) {
  const Weighted table[] = {
      {"large_conv_1x1", Op::kConv2d, Conv2dAttributes{kValid, 1, 1, 1, 1, kRelu6}, {1, 28, 28, 32}, {32, 1, 1, 32}, 0},
      {"large_conv_3x3", Op::kConv2d, Conv2dAttributes{kSame, 1, 1, 1, 1, kNone}, {1, 30, 30, 8}, {24, 3, 3, 8}, 0},
      {"large_conv_3x3_stride2",
       Op::kConv2d,
       Conv2dAttributes{kSame, 2, 2, 1, 1, kRelu},
       {1, 60, 60, 3},
       {24, 3, 3, 3},
       0},
      {"large_depthwise_3x3",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 1, 1, 1, 1, 1, kRelu6},
       {1, 30, 30, 24},
       {1, 3, 3, 24},
       3},
      {"large_depthwise_3x3_stride2",
       Op::kDepthwiseConv2d,
       DepthwiseConv2dAttributes{kSame, 2, 2, 1, 1, 1, kNone},
       {1, 60, 60, 24},
       {1, 3, 3, 24},
       3},
      {"large_fully_connected",
       Op::kFullyConnected,
       FullyConnectedAttributes{false, false, kNone},
       {64, 96},
       {336, 96},
       0},
      {"large_fully_connected_odd",
       Op::kFullyConnected,
       FullyConnectedAttributes{false, false, kRelu},
       {67, 97},
       {335, 97},
       0},
  };
  for (const Weighted& w : table) {
    add_int8(cases, w, -11, 5);
    const Tolerance int4_tolerance = w.axis == 3 ? Tolerance{1, kRefused} : kExact;
    add_int4(cases, w, false, int4_tolerance);
    add_int4(cases, w, true, int4_tolerance);
    add_uint8(cases, w, kExact);
    add_int16(cases, w);
  }
  Weighted logits = table[5];
  logits.name = "large_fully_connected_per_tensor";
  add_int8(cases, logits, 3, -7);
  OperatorCase& per_tensor = cases.back();
  per_tensor.inputs[1].quantization = affine(0.0041f, 0);
  per_tensor.inputs[2] = bias(ElementType::kInt32, per_tensor.inputs[0], per_tensor.inputs[1], 336, 30000);

  const auto add = [&](const char* name, Op op, const Attributes& attributes, std::vector<Operand> inputs, float scale,
                       int32_t zero_point) {
    cases.push_back({std::string("large_") + name + "_int8",
                     op,
                     attributes,
                     std::move(inputs),
                     {ElementType::kInt8, {}, affine(scale, zero_point)},
                     kExact});
  };
  const Shape image{1, 30, 30, 24};
  const Operand x = int8(image, 0.07f, -13);
  add("add", Op::kAdd, ArithmeticAttributes{}, {x, int8(image, 0.0323f, 19)}, 0.0731f, 3);
  add("add_relu6", Op::kAdd, ArithmeticAttributes{kRelu6}, {x, int8(image, 0.0323f, 19)}, 6.0f / 255, -128);
  add("mean", Op::kMean, ReduceAttributes{false}, {int8({25, 7, 7, 810}, 0.07f, -13), integers({1, 2})}, 0.0113f, 5);
  add("mean_keep_dims", Op::kMean, ReduceAttributes{true}, {int8({100, 4, 4, 203}, 0.07f, -13), integers({1, 2})},
      0.0213f, -9);
  add("pad", Op::kPad, {}, {x, paddings({0, 0, 1, 2, 0, 3, 0, 0})}, 0.07f, -13);
  Operand fill = constant(int8({1}, 0.07f, -13));
  fill.values = {77};
  add("pad_v2", Op::kPadV2, {}, {x, paddings({0, 0, 1, 2, 0, 3, 0, 0}), fill}, 0.07f, -13);
  const Operand wide = int8({1, 60, 60, 24}, 0.07f, -13);
  add("max_pool", Op::kMaxPool2d, Pool2dAttributes{kValid, 2, 2, 2, 2, kNone}, {wide}, 0.07f, -13);
  add("average_pool", Op::kAveragePool2d, Pool2dAttributes{kSame, 2, 2, 3, 3, kNone}, {wide}, 0.07f, -13);
  add("average_pool_2x2", Op::kAveragePool2d, Pool2dAttributes{kValid, 2, 2, 2, 2, kNone}, {wide}, 0.07f, -13);
  add("softmax", Op::kSoftmax, SoftmaxAttributes{1.0f}, {int8({200, 101}, 0.063f, 9)}, 1.0f / 256, -128);
  add("softmax_1000", Op::kSoftmax, SoftmaxAttributes{1.0f}, {int8({21, 1000}, 0.11f, -31)}, 1.0f / 256, -128);
  add("relu", Op::kRelu, {}, {x}, 0.0341f, -128);
  add("relu6", Op::kRelu6, {}, {x}, 6.0f / 255, -128);
  add("reshape", Op::kReshape, ReshapeAttributes{{-1, 24}}, {x, integers({-1, 24})}, 0.07f, -13);
  add("concatenation", Op::kConcatenation, ConcatenationAttributes{3, kNone}, {x, int8({1, 30, 30, 8}, 0.07f, -13)},
      0.07f, -13);
  add("quantize", Op::kQuantize, {}, {real(image, -7, 7)}, 0.0471f, 11);
  add("quantize_ties", Op::kQuantize, {}, {ties(image)}, 0.25f, 11);
  add("requantize", Op::kQuantize, {}, {x}, 0.0431f, 5);
  cases.push_back({"large_dequantize_int8", Op::kDequantize, {}, {x}, {}, kExact});
}

}  // namespace

std::vector<OperatorCase> one_operator_cases() {
  std::vector<OperatorCase> cases;
  add_convolutions(cases);
  add_arithmetic(cases);
  add_unary(cases);
  add_pools(cases);
  add_reductions(cases);
  add_structure(cases);
  add_conversions(cases);
  add_large(cases);
  return cases;
}

}  // namespace burin
