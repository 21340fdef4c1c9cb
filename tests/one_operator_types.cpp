// Every element type that an operator might take, made of its first float case.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "one_operator_cases.hpp"

namespace burin {

namespace {

constexpr ElementType kTypes[] = {ElementType::kFloat32, ElementType::kFloat16, ElementType::kFloat64,
                                  ElementType::kInt8,    ElementType::kUInt8,   ElementType::kInt16,
                                  ElementType::kInt32,   ElementType::kInt64,   ElementType::kUInt32,
                                  ElementType::kBool,    ElementType::kInt4};

bool is_weighted(Op op) { return op == Op::kConv2d || op == Op::kDepthwiseConv2d || op == Op::kFullyConnected; }

// Of input, weights (else the input's again) and output.
using Types = std::tuple<ElementType, ElementType, ElementType>;

Types types_of(const OperatorCase& c) {
  const ElementType input = c.inputs[0].type;
  return {input, is_weighted(c.op) ? c.inputs[1].type : input, c.op == Op::kQuantize ? c.output.type : input};
}

std::vector<Types> possible_types(Op op) {
  std::vector<Types> types;
  for (const ElementType input : kTypes) {
    if (op == Op::kQuantize) {
      for (const ElementType output : kTypes) types.emplace_back(input, input, output);
    } else if (is_weighted(op)) {
      for (const ElementType weights : kTypes) types.emplace_back(input, weights, input);
    } else {
      types.emplace_back(input, input, input);
    }
  }
  return types;
}

bool is_code(ElementType type) {
  return type == ElementType::kInt8 || type == ElementType::kUInt8 || type == ElementType::kInt16 ||
         type == ElementType::kInt4;
}

// Scale and zero point that codes of the type have for reals between -range and range.
Quantization codes_of(ElementType type, double range) {
  const double largest = type == ElementType::kInt16 ? 32767 : type == ElementType::kInt4 ? 7 : 127;
  const int32_t zero_point = type == ElementType::kUInt8 ? 131 : type == ElementType::kInt8 ? 3 : 0;
  return {{static_cast<float>(range / largest)}, {zero_point}, -1};
}

void set_values(Operand& operand) {
  switch (operand.type) {
    case ElementType::kInt8:
      operand.low = -128, operand.high = 127;
      break;
    case ElementType::kUInt8:
      operand.low = 0, operand.high = 255;
      break;
    case ElementType::kInt16:
      operand.low = -32768, operand.high = 32767;
      break;
    case ElementType::kFloat16:  // their bits: 0.0625 to 4
      operand.low = 0x2c00, operand.high = 0x4400;
      break;
    case ElementType::kBool:
      operand.low = 0, operand.high = 1;
      break;
    case ElementType::kInt32:
    case ElementType::kInt64:
      operand.low = -100, operand.high = 100;
      break;
    case ElementType::kUInt32:
      operand.low = 0, operand.high = 200;
      break;
    default:
      break;
  }
}

// Axes and sizes stay what they are.
void retype(Operand& operand, ElementType type) {
  if (operand.type != ElementType::kFloat32 || type == ElementType::kFloat32) return;
  const double range = std::max(std::fabs(operand.low), std::fabs(operand.high));
  const bool positive = operand.low > 0;
  operand.type = type;
  operand.values.clear();
  if (is_code(type)) operand.quantization = codes_of(type, range);
  set_values(operand);
  if (positive) operand.low = std::max(operand.low, 1.0);  // divisors
  operand.constant |= type == ElementType::kInt4;          // LiteRT has no other ones
}

// What LiteRT insists on.
std::optional<Quantization> output_codes(Op op, ElementType type, const Operand& input) {
  const bool wide = type == ElementType::kInt16;
  const int32_t low = type == ElementType::kUInt8 ? 0 : type == ElementType::kInt8 ? -128 : 0;
  switch (op) {
    case Op::kLogistic:
    case Op::kSoftmax:
      return Quantization{{wide ? 1.0f / 32768 : 1.0f / 256}, {low}, -1};
    case Op::kTanh:
      return Quantization{{wide ? 1.0f / 32768 : 1.0f / 128}, {wide ? 0 : low + 128}, -1};
    case Op::kLogSoftmax:
      return Quantization{{16.0f / 256}, {low + 255}, -1};
    case Op::kQuantize:
      return codes_of(type, 0.7);
    default:
      return input.quantization ? input.quantization : std::optional(codes_of(type, 1.0));
  }
}

constexpr Tolerance kRefusedByBoth{kRefused, kRefused};

struct Exception {
  Op op;
  Types types;
  Tolerance tolerance;
};

constexpr Types all(ElementType type) { return {type, type, type}; }

// LiteRT does not say what a tensor of int4 holds.
constexpr Tolerance kNotShown{kNotFollowed, kNotFollowed};

// What LiteRT does not take, or computes otherwise than other types.
const Exception kExceptions[] = {
    {Op::kConcatenation, all(ElementType::kFloat64), kRefusedByBoth},
    // Its default kernels quantize the input in another way than for int8 weights.
    {Op::kConv2d, {ElementType::kFloat32, ElementType::kInt4, ElementType::kFloat32}, {0.01, 2e-6}},
    {Op::kDepthwiseConv2d, {ElementType::kFloat32, ElementType::kInt4, ElementType::kFloat32}, kRefusedByBoth},
    // Takes two packed weights for one.
    {Op::kDepthwiseConv2d, {ElementType::kInt16, ElementType::kInt4, ElementType::kInt16}, {kNotFollowed, kRefused}},
    {Op::kExpandDims, all(ElementType::kInt4), kNotShown},
    {Op::kFullyConnected, {ElementType::kFloat32, ElementType::kInt4, ElementType::kFloat32}, {0.01, 2e-6}},
    {Op::kPack, all(ElementType::kFloat16), kRefusedByBoth},
    {Op::kPack, all(ElementType::kFloat64), kRefusedByBoth},
    {Op::kPack, all(ElementType::kBool), kRefusedByBoth},
    {Op::kPad, all(ElementType::kFloat64), kRefusedByBoth},
    {Op::kPad, all(ElementType::kUInt32), kRefusedByBoth},
    {Op::kPadV2, all(ElementType::kFloat64), kRefusedByBoth},
    {Op::kPadV2, all(ElementType::kUInt32), kRefusedByBoth},
    {Op::kQuantize, {ElementType::kInt16, ElementType::kInt16, ElementType::kUInt8}, kRefusedByBoth},
    {Op::kReluN1To1, all(ElementType::kInt16), kRefusedByBoth},
    {Op::kReshape, all(ElementType::kInt4), kNotShown},
    {Op::kResizeNearestNeighbor, all(ElementType::kFloat64), kRefusedByBoth},
    {Op::kResizeNearestNeighbor, all(ElementType::kInt64), kRefusedByBoth},
    {Op::kSqueeze, all(ElementType::kInt4), kNotShown},
    {Op::kStridedSlice, all(ElementType::kUInt32), {0, kRefused}},
    // BUILTIN_REF of LiteRT 2.3 gives nonsense, as for int8.
    {Op::kSum, all(ElementType::kInt16), {0, kNotFollowed}},
};

Tolerance tolerance_of(Op op, const Types& types) {
  for (const Exception& exception : kExceptions) {
    if (exception.op == op && exception.types == types) return exception.tolerance;
  }
  return std::get<0>(types) == ElementType::kFloat32 ? Tolerance{2e-6, 2e-6} : Tolerance{0, 0};
}

OperatorCase with_types(OperatorCase c, const Types& types) {
  const auto& [input, weights, output] = types;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    if (!is_weighted(c.op) || i == 0) {
      retype(c.inputs[i], input);
    } else if (i == 1) {
      retype(c.inputs[i], weights);
      if (weights != ElementType::kUInt8 && c.inputs[i].quantization) c.inputs[i].quantization->zero_points = {0};
    } else if (input != ElementType::kFloat32) {
      c.inputs[i].type = input == ElementType::kInt16 ? ElementType::kInt64 : ElementType::kInt32;
      c.inputs[i].low = -1000, c.inputs[i].high = 1000;
    }
  }
  if (is_weighted(c.op) && c.inputs.size() > 2 && c.inputs[0].quantization && c.inputs[1].quantization) {
    c.inputs[2].quantization =
        Quantization{{c.inputs[0].quantization->scales[0] * c.inputs[1].quantization->scales[0]}, {0}, -1};
  }
  c.output.type = c.op == Op::kDequantize ? ElementType::kFloat32 : output;
  if (is_code(c.output.type)) c.output.quantization = output_codes(c.op, output, c.inputs[0]);
  c.name = std::string(runtime_operator(c.op).name) + "_of_" + std::string(name(input));
  if (weights != input) c.name += "_by_" + std::string(name(weights));
  if (output != input) c.name += "_to_" + std::string(name(output));
  c.tolerance = tolerance_of(c.op, types);
  return c;
}

}  // namespace

std::vector<OperatorCase> cases_of_other_types(const std::vector<OperatorCase>& cases) {
  std::vector<OperatorCase> others;
  for (const RuntimeOperator& row : runtime_operators()) {
    const auto base = std::ranges::find(cases, row.op, &OperatorCase::op);
    if (base == cases.end()) continue;
    OperatorCase real = *base;
    if (row.op == Op::kDequantize) real.inputs[0] = {ElementType::kFloat32, real.inputs[0].shape, {}, false, -7, 7, {}};
    for (const Types& types : possible_types(row.op)) {
      const bool known =
          std::ranges::any_of(cases, [&](const OperatorCase& c) { return c.op == row.op && types_of(c) == types; });
      if (!known) others.push_back(with_types(real, types));
    }
  }
  return others;
}

}  // namespace burin
