#include "ops/elementwise/kernel.hpp"

#include "kernel_expectations.hpp"

namespace burin {
namespace {

struct Case {
  const char* name;
  Shape a, b, output;
};

const Case kCases[] = {
    {"Equal", {2, 5, 7, 11}, {2, 5, 7, 11}, {2, 5, 7, 11}},
    {"EqualLarge", {1, 63, 61, 37}, {1, 63, 61, 37}, {1, 63, 61, 37}},
    {"OneElement", {1}, {1}, {1}},
    {"OneValue", {1, 31, 33, 35}, {1}, {1, 31, 33, 35}},
    {"ScalarValue", {129, 255}, {}, {129, 255}},
    {"Channels", {2, 9, 11, 67}, {67}, {2, 9, 11, 67}},
    {"ChannelsOfRankFour", {1, 45, 47, 19}, {1, 1, 1, 19}, {1, 45, 47, 19}},
    {"Gate", {3, 13, 17, 41}, {3, 1, 1, 41}, {3, 13, 17, 41}},
    {"Mask", {2, 21, 23, 40}, {2, 21, 23, 1}, {2, 21, 23, 40}},
    {"Rows", {5, 7, 9}, {1, 7, 9}, {5, 7, 9}},
};
// The first operand is the repeated one: only where the operator commutes.
const Case kSwapped[] = {
    {"ChannelsFirst", {19}, {7, 11, 19}, {7, 11, 19}},
    {"OneValueFirst", {1, 1}, {65, 67}, {65, 67}},
};

template <typename Prepare>
void expect_float(const Case& c, Op op, Prepare prepare, Attributes attributes) {
  SCOPED_TRACE(std::string(c.name) + " " + std::to_string(static_cast<int>(op)));
  OneOperator one(std::move(attributes));
  one.add_input<float>(ElementType::kFloat32, c.a, -3, 3, false);
  one.add_input<float>(ElementType::kFloat32, c.b, -3, 3, false);
  one.set_output(ElementType::kFloat32, c.output);
  expect_equal_kernel(one, op, prepare);
}

TEST(ElementwiseKernel, FloatsEqualTheReference) {
  for (const FusedActivation activation : {FusedActivation::kNone, FusedActivation::kRelu6}) {
    const ArithmeticAttributes attributes{activation};
    for (const Case& c : kCases) {
      expect_float(c, Op::kAdd, prepare_binary_f32<Op::kAdd>, attributes);
      expect_float(c, Op::kSub, prepare_binary_f32<Op::kSub>, attributes);
      expect_float(c, Op::kMul, prepare_binary_f32<Op::kMul>, attributes);
      expect_float(c, Op::kDiv, prepare_binary_f32<Op::kDiv>, attributes);
      expect_float(c, Op::kMaximum, prepare_binary_f32<Op::kMaximum>, NoAttributes{});
      expect_float(c, Op::kMinimum, prepare_binary_f32<Op::kMinimum>, NoAttributes{});
    }
    for (const Case& c : kSwapped) {
      expect_float(c, Op::kAdd, prepare_binary_f32<Op::kAdd>, attributes);
      expect_float(c, Op::kMul, prepare_binary_f32<Op::kMul>, attributes);
    }
  }
}

struct CodeCase {
  Quantization a, b, output;
  FusedActivation activation = FusedActivation::kNone;
};

const CodeCase kCodes[] = {
    {{{0.05f}, {-3}}, {{0.07f}, {11}}, {{0.09f}, {5}}},
    {{{0.023f}, {127}}, {{1.7f}, {-128}}, {{0.9f}, {-128}}, FusedActivation::kRelu6},
    {{{1.0f}, {0}}, {{1.0f}, {0}}, {{1.0f}, {0}}},
    {{{0.5f}, {-128}}, {{0.001f}, {127}}, {{0.003f}, {0}}, FusedActivation::kRelu},
    {{{0.0005f}, {-128}}, {{0.001f}, {127}}, {{0.3f}, {-7}}},
};

template <typename Prepare>
void expect_codes(const Case& c, const CodeCase& q, Op op, Prepare prepare) {
  SCOPED_TRACE(std::string(c.name) + ", parameters " + std::to_string(&q - kCodes));
  OneOperator one(ArithmeticAttributes{q.activation});
  one.add_input<int8_t>(ElementType::kInt8, c.a, -128, 127, false, &q.a);
  one.add_input<int8_t>(ElementType::kInt8, c.b, -128, 127, false, &q.b);
  one.set_output(ElementType::kInt8, c.output, &q.output);
  expect_equal_kernel(one, op, prepare);
}

TEST(ElementwiseKernel, CodesEqualTheReference) {
  for (const CodeCase& q : kCodes) {
    for (const Case& c : kCases) {
      expect_codes(c, q, Op::kAdd, prepare_binary_s8<Op::kAdd>);
      expect_codes(c, q, Op::kSub, prepare_binary_s8<Op::kSub>);
      expect_codes(c, q, Op::kMul, prepare_binary_s8<Op::kMul>);
    }
    for (const Case& c : kSwapped) {
      expect_codes(c, q, Op::kAdd, prepare_binary_s8<Op::kAdd>);
      expect_codes(c, q, Op::kMul, prepare_binary_s8<Op::kMul>);
    }
  }
}

TEST(ElementwiseKernel, LeavesOtherBroadcastsToTheReference) {
  OneOperator one(ArithmeticAttributes{});
  one.add_input<float>(ElementType::kFloat32, {4, 1}, -1, 1, false);
  one.add_input<float>(ElementType::kFloat32, {1, 5}, -1, 1, false);
  one.set_output(ElementType::kFloat32, {4, 5});
  const runtime::PreparedResult kernel = one.prepare(prepare_binary_f32<Op::kAdd>, runtime::InstructionSet::kPortable);
  ASSERT_TRUE(kernel.is_ok());
  EXPECT_EQ(kernel.value(), nullptr);
}

}  // namespace
}  // namespace burin
