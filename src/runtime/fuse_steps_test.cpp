// Steps that one kernel evaluates give the bits of separate ones, on any number of threads.
#include "runtime/fuse_steps.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "graph/verify.hpp"
#include "small_models.hpp"

namespace burin {
namespace {

Program make(const Model& model, const ProgramOptions& options = {}) {
  const Status verified = verify(model);
  EXPECT_TRUE(verified.is_ok()) << verified.message();
  Result<Program> program = Program::from_model(model, options);
  EXPECT_TRUE(program.is_ok()) << program.status().message();
  return program.value();
}

// The bytes of all outputs.
std::vector<std::byte> run(const Program& program, int threads) {
  Session session(program, {.threads = threads});
  for (size_t i = 0; i < program.inputs().size(); ++i) {
    const MutableTensorView input = session.input(i);
    const int64_t count = input.shape.elements();
    const std::vector<float> values = seeded_floats(static_cast<size_t>(count), static_cast<uint32_t>(7 + i), -3, 3);
    for (int64_t k = 0; k < count; ++k) {
      const float value = values[static_cast<size_t>(k)];
      if (input.type == ElementType::kInt8) {
        input.as<int8_t>()[k] = static_cast<int8_t>(value * 40);
      } else {
        input.as<float>()[k] = value;
      }
    }
  }
  const Status status = session.invoke();
  EXPECT_TRUE(status.is_ok()) << status.message();
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    const TensorView output = session.output(i);
    bytes.insert(bytes.end(), output.data, output.data + byte_size(output.type, output.shape));
  }
  return bytes;
}

void expect_fused(const Model& model, size_t steps) {
  const Program fused = make(model);
  EXPECT_EQ(fused.step_count(), steps);
  const std::vector<std::byte> expected = run(make(model, {.separate_steps = true}), 1);
  for (const int threads : {1, 2, 3, 8}) EXPECT_TRUE(run(fused, threads) == expected) << threads << " threads";
}

constexpr auto kSame = Padding::kSame;
constexpr auto kValid = Padding::kValid;
constexpr auto kRelu6 = FusedActivation::kRelu6;
constexpr auto kNone = FusedActivation::kNone;

// An inverted residual block; parts are left out where their channels are 0.
struct Block {
  const char* name;
  int32_t batch, height, width, channels, expanded, projected;
  int32_t kernel = 3, stride = 1;
  Padding padding = kSame;
  bool addition = false;
  int32_t first_kernel = 1;  // of the expansion; over 1 with stride 2
};
void PrintTo(const Block& block, std::ostream* out) { *out << block.name; }

Model make_block(const Block& c, size_t& nodes) {
  ModelBuilder b;
  TensorId x = b.input({c.batch, c.height, c.width, c.channels});
  const TensorId image = x;
  int32_t h = c.height, w = c.width, channels = c.channels;
  nodes = 1;
  if (c.expanded > 0) {
    const int32_t stride = c.first_kernel > 1 ? 2 : 1;
    h = (h + stride - 1) / stride, w = (w + stride - 1) / stride;
    x = b.node(Op::kConv2d,
               {x, b.constant({c.expanded, c.first_kernel, c.first_kernel, channels}), b.constant({c.expanded})},
               {c.batch, h, w, c.expanded}, Conv2dAttributes{kSame, stride, stride, 1, 1, kRelu6});
    channels = c.expanded;
    ++nodes;
  }
  const auto out = [&](int32_t size) {
    return c.padding == kSame ? (size + c.stride - 1) / c.stride : (size - c.kernel + c.stride) / c.stride;
  };
  h = out(h), w = out(w);
  x = b.node(Op::kDepthwiseConv2d, {x, b.constant({1, c.kernel, c.kernel, channels}), b.constant({channels})},
             {c.batch, h, w, channels}, DepthwiseConv2dAttributes{c.padding, c.stride, c.stride, 1, 1, 1, kRelu6});
  if (c.projected > 0) {
    x = b.node(Op::kConv2d, {x, b.constant({c.projected, 1, 1, channels}), b.constant({c.projected})},
               {c.batch, h, w, c.projected}, Conv2dAttributes{});
    ++nodes;
  }
  if (c.addition) {
    x = b.node(Op::kAdd, {image, x}, {c.batch, h, w, c.projected}, ArithmeticAttributes{kRelu6});
    ++nodes;
  }
  b.output(x);
  return std::move(b.model());
}

const Block kBlocks[] = {
    {"Whole", 1, 14, 14, 16, 96, 16, 3, 1, kSame, true},
    {"WholeOddChannels", 1, 13, 11, 9, 53, 9, 3, 1, kSame, true},
    {"ManyRows", 1, 70, 33, 8, 48, 24},
    {"ManyRowsStride2", 1, 75, 40, 8, 40, 20, 3, 2},
    {"ManyRowsAddition", 1, 60, 50, 24, 144, 24, 3, 1, kSame, true},
    {"Batch", 3, 10, 9, 12, 36, 12, 3, 1, kSame, true},
    {"BatchManyRows", 2, 61, 30, 8, 64, 16, 3, 2},
    {"Small", 1, 7, 7, 32, 192, 64},
    {"OneRow", 1, 1, 9, 8, 24, 8, 3, 1, kSame, true},
    {"OnePixel", 1, 1, 1, 8, 24, 8},
    {"Kernel5", 1, 28, 28, 8, 40, 16, 5, 1},
    {"Kernel5Stride2", 1, 57, 31, 8, 40, 16, 5, 2},
    {"Kernel7Valid", 1, 30, 21, 8, 24, 10, 7, 1, kValid},
    {"StrideOverKernel", 1, 33, 33, 8, 32, 8, 2, 3, kValid},
    {"ExpandOnly", 1, 40, 28, 8, 50, 0},
    {"ProjectOnly", 1, 57, 29, 36, 0, 20, 3, 2},
    {"ProjectOnlyWide", 1, 14, 14, 100, 0, 48},
    {"FirstConvolution", 1, 65, 67, 3, 32, 16, 3, 1, kSame, false, 3},
    {"FirstConvolutionBatch", 2, 33, 30, 3, 20, 0, 3, 2, kSame, false, 5},
};

class FusedBlock : public testing::TestWithParam<Block> {};
INSTANTIATE_TEST_SUITE_P(Blocks, FusedBlock, testing::ValuesIn(kBlocks),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(FusedBlock, HasTheBitsOfSeparateSteps) {
  size_t nodes = 0;
  const Model model = make_block(GetParam(), nodes);
  ASSERT_EQ(make(model, {.reference_kernels = true}).step_count(), nodes);
  expect_fused(model, 1);
}

TensorId activate(ModelBuilder& b, Op op, TensorId x) {
  const Shape shape = b.tensor(x).shape;
  const TensorId y = b.node(op, {x}, shape);
  return op == Op::kLogistic ? b.node(Op::kMul, {x, y}, shape, ArithmeticAttributes{}) : y;
}

// As MobileNetV3 (HARD_SWISH) and EfficientNet (x * LOGISTIC(x)) have them.
TEST(FuseSteps, Activations) {
  for (const Op op : {Op::kHardSwish, Op::kTanh, Op::kLogistic}) {
    for (const int32_t size : {7, 50}) {
      for (const bool projected : {false, true}) {
        ModelBuilder b;
        const TensorId image = b.input({2, size, 9, 12});
        TensorId x = b.node(Op::kConv2d, {image, b.constant({53, 1, 1, 12}), b.constant({53})}, {2, size, 9, 53},
                            Conv2dAttributes{});
        x = activate(b, op, x);
        x = b.node(Op::kDepthwiseConv2d, {x, b.constant({1, 3, 3, 53}), b.constant({53})}, {2, size, 9, 53},
                   DepthwiseConv2dAttributes{kSame, 1, 1, 1, 1, 1, kNone});
        x = activate(b, op, x);
        if (projected) {
          x = b.node(Op::kConv2d, {x, b.constant({12, 1, 1, 53}), b.constant({12})}, {2, size, 9, 12},
                     Conv2dAttributes{});
          x = b.node(Op::kAdd, {x, image}, {2, size, 9, 12}, ArithmeticAttributes{});
          // The longest chain is full.
          if (op != Op::kLogistic) x = activate(b, op, x);
        }
        b.output(x);
        SCOPED_TRACE(size);
        expect_fused(b.model(), 1);
      }
    }
  }
}

TEST(FuseSteps, ActivationsOfProducts) {
  for (const Op op : {Op::kHardSwish, Op::kLogistic}) {
    for (const int32_t kernel : {1, 3}) {
      for (const int32_t channels : {3, 40}) {
        ModelBuilder b;
        const TensorId image = b.input({1, 1, 60, channels});
        const TensorId x = b.node(Op::kConv2d, {image, b.constant({70, kernel, kernel, channels}), b.constant({70})},
                                  {1, 1, 60, 70}, Conv2dAttributes{kSame});
        b.output(activate(b, op, x));
        expect_fused(b.model(), 1);
      }
    }
  }
}

// x is read by LOGISTIC, MUL and something else, or MUL has an activation of its own.
TEST(FuseSteps, GatesThatStay) {
  for (const bool other_reader : {false, true}) {
    ModelBuilder b;
    const TensorId image = b.input({1, 5, 4, 8});
    const TensorId x =
        b.node(Op::kConv2d, {image, b.constant({8, 1, 1, 8}), b.constant({8})}, {1, 5, 4, 8}, Conv2dAttributes{});
    const TensorId y = b.node(Op::kLogistic, {x}, {1, 5, 4, 8});
    b.output(b.node(Op::kMul, {y, x}, {1, 5, 4, 8}, ArithmeticAttributes{other_reader ? kNone : kRelu6}));
    if (other_reader) b.output(x);
    expect_fused(b.model(), 3);
  }
}

// A gate alone, as of squeeze and excite: LOGISTIC has one reader, and MUL reads another tensor.
TEST(FuseSteps, LogisticOfAProduct) {
  ModelBuilder b;
  const TensorId image = b.input({2, 1, 1, 8});
  const TensorId other = b.input({2, 5, 4, 16});
  const TensorId x =
      b.node(Op::kConv2d, {image, b.constant({16, 1, 1, 8}), b.constant({16})}, {2, 1, 1, 16}, Conv2dAttributes{});
  const TensorId y = b.node(Op::kLogistic, {x}, {2, 1, 1, 16});
  b.output(b.node(Op::kMul, {other, y}, {2, 5, 4, 16}, ArithmeticAttributes{}));
  expect_fused(b.model(), 2);
}

// Sums of more terms than are added at a time.
TEST(FuseSteps, DeepProducts) {
  ModelBuilder b;
  const TensorId image = b.input({1, 15, 14, 700});
  const TensorId other = b.input({1, 15, 14, 30});
  const TensorId x = b.node(Op::kConv2d, {image, b.constant({30, 1, 1, 700}), b.constant({30})}, {1, 15, 14, 30},
                            Conv2dAttributes{kSame, 1, 1, 1, 1, kRelu6});
  b.output(b.node(Op::kAdd, {x, other}, {1, 15, 14, 30}, ArithmeticAttributes{}));
  expect_fused(b.model(), 1);
}

// The values between are not kept.
TEST(FuseSteps, NeedLessMemory) {
  size_t nodes = 0;
  const Model model = make_block(kBlocks[4], nodes);
  EXPECT_LT(make(model).arena_bytes() * 3, make(model, {.separate_steps = true}).arena_bytes());
}

TEST(FuseSteps, EventsNameAllNodes) {
  struct Recorder : StepObserver {
    std::vector<std::vector<uint32_t>> nodes;
    void on_step(const StepEvent& event) override {
      nodes.emplace_back(event.nodes.begin(), event.nodes.end());
      EXPECT_EQ(event.node, event.nodes.back());
    }
  } recorder;
  Session session(make(small_mobilenet()));
  EXPECT_TRUE(session.invoke(&recorder).is_ok());
  EXPECT_EQ(recorder.nodes, (std::vector<std::vector<uint32_t>>{{0}, {1, 2, 3, 4}, {5}, {6}, {7}}));
}

// A value with two readers, or that is an output, is a step's.
TEST(FuseSteps, ValuesThatOthersReadAreKept) {
  for (const bool is_output : {false, true}) {
    ModelBuilder b;
    const TensorId x = b.input({1, 8, 8, 8});
    const TensorId wide =
        b.node(Op::kConv2d, {x, b.constant({16, 1, 1, 8}), b.constant({16})}, {1, 8, 8, 16}, Conv2dAttributes{});
    const TensorId y = b.node(Op::kDepthwiseConv2d, {wide, b.constant({1, 3, 3, 16}), b.constant({16})}, {1, 8, 8, 16},
                              DepthwiseConv2dAttributes{kSame, 1, 1, 1, 1, 1, kNone});
    b.output(is_output ? wide : b.node(Op::kRelu, {wide}, {1, 8, 8, 16}));
    b.output(y);
    expect_fused(b.model(), is_output ? 2 : 3);
  }
}

TEST(FuseSteps, ConvolutionAndAddition) {
  ModelBuilder b;
  const TensorId x = b.input({2, 9, 7, 12});
  const TensorId other = b.input({2, 9, 7, 21});
  const TensorId y = b.node(Op::kConv2d, {x, b.constant({21, 3, 3, 12}), b.constant({21})}, {2, 9, 7, 21},
                            Conv2dAttributes{kSame, 1, 1, 1, 1, kRelu6});
  b.output(b.node(Op::kAdd, {y, other}, {2, 9, 7, 21}, ArithmeticAttributes{FusedActivation::kRelu}));
  expect_fused(b.model(), 1);
}

// The first convolution of a network reads its rows in place, but not where something is added.
TEST(FuseSteps, FirstConvolutionAndAddition) {
  ModelBuilder b;
  const TensorId x = b.input({1, 19, 17, 3});
  const TensorId other = b.input({1, 10, 9, 16});
  const TensorId y = b.node(Op::kConv2d, {x, b.constant({16, 3, 3, 3}), b.constant({16})}, {1, 10, 9, 16},
                            Conv2dAttributes{kSame, 2, 2, 1, 1, kNone});
  b.output(b.node(Op::kAdd, {other, y}, {1, 10, 9, 16}, ArithmeticAttributes{}));
  expect_fused(b.model(), 1);
}

TEST(FuseSteps, BroadcastAdditionsStay) {
  ModelBuilder b;
  const TensorId x = b.input({1, 5, 5, 8});
  const TensorId other = b.input({1, 1, 1, 8});
  const TensorId y =
      b.node(Op::kConv2d, {x, b.constant({8, 1, 1, 8}), b.constant({8})}, {1, 5, 5, 8}, Conv2dAttributes{});
  b.output(b.node(Op::kAdd, {y, other}, {1, 5, 5, 8}, ArithmeticAttributes{}));
  expect_fused(b.model(), 2);
}

struct Pad {
  const char* name;
  float value;  // NaN: PAD, which fills with zero
  Padding padding;
  int32_t first_kernel;
  bool depthwise;
  size_t steps;
};
void PrintTo(const Pad& pad, std::ostream* out) { *out << pad.name; }

const Pad kPads[] = {
    {"Zero", NAN, kValid, 3, false, 1},
    {"ZeroBeforePaddedConvolution", 0, kSame, 3, false, 1},
    {"Value", -1.5f, kValid, 3, false, 1},
    {"ValueBeforePaddedConvolution", -1.5f, kSame, 3, false, 2},
    {"ValueManyChannels", 2.5f, kValid, 5, false, 1},
    {"BeforePointwise", 0.5f, kValid, 1, false, 1},
    {"BeforeDepthwise", NAN, kValid, 0, true, 1},
    {"ValueBeforeDepthwise", 7, kValid, 0, true, 1},
    {"BeforeBlock", -3, kValid, 3, true, 1},
};

class FusedPad : public testing::TestWithParam<Pad> {};
INSTANTIATE_TEST_SUITE_P(Pads, FusedPad, testing::ValuesIn(kPads),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(FusedPad, HasTheBitsOfSeparateSteps) {
  const Pad& c = GetParam();
  const int32_t channels = c.first_kernel == 3 ? 3 : 20;
  ModelBuilder b;
  const TensorId image = b.input({2, 10, 12, channels});
  const TensorId paddings = add_constant_tensor(b.model(), b.graph(), "paddings", ElementType::kInt32, {4, 2},
                                                std::vector<int32_t>{0, 0, 1, 2, 3, 0, 0, 0});
  int32_t h = 13, w = 15;
  TensorId x;
  if (std::isnan(c.value)) {
    x = b.node(Op::kPad, {image, paddings}, {2, h, w, channels});
  } else {
    const TensorId value =
        add_constant_tensor(b.model(), b.graph(), "value", ElementType::kFloat32, {}, std::vector<float>{c.value});
    x = b.node(Op::kPadV2, {image, paddings, value}, {2, h, w, channels});
  }
  int32_t last = channels;
  if (c.first_kernel > 0) {
    if (c.padding == kValid) h -= c.first_kernel - 1, w -= c.first_kernel - 1;
    x = b.node(Op::kConv2d, {x, b.constant({18, c.first_kernel, c.first_kernel, channels}), b.constant({18})},
               {2, h, w, 18}, Conv2dAttributes{c.padding});
    last = 18;
  }
  if (c.depthwise) {
    h -= 2, w -= 2;
    x = b.node(Op::kDepthwiseConv2d, {x, b.constant({1, 3, 3, last}), b.constant({last})}, {2, h, w, last},
               DepthwiseConv2dAttributes{kValid, 1, 1, 1, 1, 1, kNone});
  }
  b.output(x);
  expect_fused(b.model(), c.steps);
}

// As Keras writes strided blocks: padding between the expansion and the depthwise convolution.
TEST(FuseSteps, PaddingInsideABlock) {
  ModelBuilder b;
  const TensorId image = b.input({1, 12, 14, 8});
  TensorId x = b.node(Op::kConv2d, {image, b.constant({40, 1, 1, 8}), b.constant({40})}, {1, 12, 14, 40},
                      Conv2dAttributes{kSame, 1, 1, 1, 1, kRelu6});
  const TensorId paddings = add_constant_tensor(b.model(), b.graph(), "paddings", ElementType::kInt32, {4, 2},
                                                std::vector<int32_t>{0, 0, 0, 1, 0, 1, 0, 0});
  x = b.node(Op::kPad, {x, paddings}, {1, 13, 15, 40});
  x = b.node(Op::kDepthwiseConv2d, {x, b.constant({1, 3, 3, 40}), b.constant({40})}, {1, 6, 7, 40},
             DepthwiseConv2dAttributes{kValid, 2, 2, 1, 1, 1, kRelu6});
  b.output(b.node(Op::kConv2d, {x, b.constant({12, 1, 1, 40}), b.constant({12})}, {1, 6, 7, 12}, Conv2dAttributes{}));
  expect_fused(b.model(), 1);
}

TensorId quantize(ModelBuilder& b, TensorId id, float scale, int32_t zero_point,
                  ElementType type = ElementType::kInt8) {
  b.graph().tensors[id].type = type;
  b.graph().tensors[id].quantization = Quantization{{scale}, {zero_point}, -1};
  return id;
}

// The output of PADV2 and a convolution.
TensorId padded_int8_convolution(ModelBuilder& b, int32_t code, float pad_scale, Padding padding) {
  const auto quantize = [&](TensorId id, float scale, int32_t zero_point, ElementType type = ElementType::kInt8) {
    return burin::quantize(b, id, scale, zero_point, type);
  };
  const auto codes = [&](const char* name, const Shape& shape) {
    std::vector<int8_t> values;
    for (const float value : seeded_floats(static_cast<size_t>(shape.elements()), 3, -120, 120)) {
      values.push_back(static_cast<int8_t>(value));
    }
    return quantize(add_constant_tensor(b.model(), b.graph(), name, ElementType::kInt8, shape, values), 0.01f, 0);
  };
  const TensorId image = quantize(b.input({1, 9, 8, 3}), 0.05f, 4);
  const TensorId paddings = add_constant_tensor(b.model(), b.graph(), "paddings", ElementType::kInt32, {4, 2},
                                                std::vector<int32_t>{0, 0, 0, 1, 2, 1, 0, 0});
  const TensorId value = quantize(add_constant_tensor(b.model(), b.graph(), "value", ElementType::kInt8, {},
                                                      std::vector<int8_t>{static_cast<int8_t>(code)}),
                                  pad_scale, 4);
  const TensorId padded = quantize(b.node(Op::kPadV2, {image, paddings, value}, {1, 10, 11, 3}), pad_scale, 4);
  const TensorId bias = quantize(
      add_constant_tensor(b.model(), b.graph(), "bias", ElementType::kInt32, {16}, std::vector<int32_t>(16, 55)),
      pad_scale * 0.01f, 0, ElementType::kInt32);
  const bool same = padding == kSame;
  return quantize(b.node(Op::kConv2d, {padded, codes("weights", {16, 3, 3, 3}), bias},
                         {1, same ? 5 : 4, same ? 6 : 5, 16}, Conv2dAttributes{padding, 2, 2}),
                  0.05f, -7);
}

Model padded_int8_convolution(int32_t code, float pad_scale, Padding padding) {
  ModelBuilder b;
  b.output(padded_int8_convolution(b, code, pad_scale, padding));
  return std::move(b.model());
}

TEST(FuseSteps, PaddingOfInt8Convolutions) {
  expect_fused(padded_int8_convolution(4, 0.05f, kSame), 1);
  expect_fused(padded_int8_convolution(4, 0.05f, kValid), 1);
  expect_fused(padded_int8_convolution(-128, 0.05f, kValid), 1);
  expect_fused(padded_int8_convolution(-128, 0.05f, kSame), 2);  // which pads with another code
}

TEST(FuseSteps, ActivationsOfInt8Convolutions) {
  const Shape shape{1, 4, 5, 16};
  for (const bool factor_first : {false, true}) {
    ModelBuilder b;
    const TensorId x = padded_int8_convolution(b, 4, 0.05f, kValid);
    const TensorId factor = quantize(b, b.node(Op::kLogistic, {x}, shape), 1.0f / 256, -128);
    const std::vector<TensorId> factors = factor_first ? std::vector{factor, x} : std::vector{x, factor};
    const TensorId gated = quantize(b, b.node(Op::kMul, factors, shape, ArithmeticAttributes{}), 0.03f, -50);
    b.output(quantize(b, b.node(Op::kHardSwish, {gated}, shape), 0.02f, -100));
    expect_fused(b.model(), 1);
  }
  // What another reads is kept.
  ModelBuilder b;
  const TensorId x = padded_int8_convolution(b, 4, 0.05f, kValid);
  const TensorId factor = quantize(b, b.node(Op::kLogistic, {x}, shape), 1.0f / 256, -128);
  b.output(factor);
  b.output(quantize(b, b.node(Op::kMul, {x, factor}, shape, ArithmeticAttributes{}), 0.03f, -50));
  expect_fused(b.model(), 3);
}

}  // namespace
}  // namespace burin
