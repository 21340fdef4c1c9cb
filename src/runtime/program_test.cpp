#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>

#include "burin/runtime.hpp"
#include "graph/verify.hpp"
#include "ops/toolkit_operator.hpp"
#include "small_models.hpp"

namespace burin {
namespace {

Program make(const Model& model, const ProgramOptions& options = {}) {
  const Status verified = verify(model, options.source_operators);
  EXPECT_TRUE(verified.is_ok()) << verified.message();
  Result<Program> program = Program::from_model(model, options);
  EXPECT_TRUE(program.is_ok()) << program.status().message();
  return program.value();
}

std::vector<float> run(Session& session, const std::vector<float>& input, StepObserver* observer = nullptr) {
  std::memcpy(session.input(0).data, input.data(), input.size() * sizeof(float));
  const Status status = session.invoke(observer);
  EXPECT_TRUE(status.is_ok()) << status.message();
  const TensorView output = session.output(0);
  const auto count = static_cast<size_t>(output.shape.elements());
  return std::vector<float>(output.as<float>(), output.as<float>() + count);
}

std::vector<float> run(const Program& program, const std::vector<float>& input, int threads = 1) {
  Session session(program, {.threads = threads});
  return run(session, input);
}

// Both ways of evaluating every node.
class ProgramKinds : public testing::TestWithParam<bool> {
 protected:
  ProgramOptions options(Shape input = {1, 17, 15, 3}) const {
    return {.input_shapes = {input}, .reference_kernels = GetParam()};
  }
};
INSTANTIATE_TEST_SUITE_P(Kernels, ProgramKinds, testing::Bool(),
                         [](const auto& test) { return test.param ? "Reference" : "Fast"; });

constexpr size_t kImage = 17 * 15 * 3;

TEST_P(ProgramKinds, SecondInvocationIsEqual) {
  const Program program = make(small_mobilenet(), options());
  Session session(program);
  const std::vector<float> input = seeded_floats(kImage, 99);
  const std::vector<float> first = run(session, input);
  EXPECT_NEAR(first[0] + first[1] + first[2] + first[3] + first[4], 1.0f, 1e-6f);
  run(session, seeded_floats(kImage, 100));
  EXPECT_EQ(run(session, input), first);
}

TEST_P(ProgramKinds, BatchOfTwoIsTwiceABatchOfOne) {
  const Model model = small_mobilenet();
  const std::vector<float> both = seeded_floats(2 * kImage, 5);
  const std::vector<float> a(both.begin(), both.begin() + kImage), b(both.begin() + kImage, both.end());
  const Program one = make(model, options());
  const Program two = make(model, options({2, 17, 15, 3}));
  std::vector<float> expected = run(one, a);
  const std::vector<float> second = run(one, b);
  expected.insert(expected.end(), second.begin(), second.end());
  EXPECT_EQ(run(two, both), expected);
}

TEST_P(ProgramKinds, AnyNumberOfThreadsGivesTheSameBits) {
  const Program program = make(small_mobilenet(), options({3, 17, 15, 3}));
  const std::vector<float> input = seeded_floats(3 * kImage, 6);
  const std::vector<float> expected = run(program, input, 1);
  for (const int threads : {2, 3, 5}) EXPECT_EQ(run(program, input, threads), expected) << threads;
}

#if !defined(__wasm__)  // WASI has no threads
TEST_P(ProgramKinds, ManySessionsInManyThreads) {
  const Program program = make(small_mobilenet(), options());
  std::vector<std::vector<float>> expected;
  for (uint32_t i = 0; i < 4; ++i) expected.push_back(run(program, seeded_floats(kImage, i)));
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Session session(program, {.threads = 2});
      for (int repeat = 0; repeat < 5; ++repeat) results[i] = run(session, seeded_floats(kImage, i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(results, expected);
}
#endif

TEST(Program, FastKernelsAreCloseToTheReference) {
  const Model model = small_mobilenet();
  const std::vector<float> input = seeded_floats(kImage, 8);
  const std::vector<float> fast = run(make(model), input);
  const std::vector<float> reference = run(make(model, {.reference_kernels = true}), input);
  for (size_t i = 0; i < fast.size(); ++i) EXPECT_NEAR(fast[i], reference[i], 1e-6f);
}

// What each step made, by node; `before` is kept apart.
struct Recorder : StepObserver {
  struct Seen {
    uint32_t node;
    bool before;
    std::string kernel;
    std::vector<float> values;
  };
  std::vector<Seen> seen;
  void on_step(const StepEvent& event) override {
    const TensorView& view = event.outputs[0];
    EXPECT_GE(event.nanoseconds, 0);
    seen.push_back({event.node,
                    event.before_activation,
                    event.kernel,
                    {view.as<float>(), view.as<float>() + view.shape.elements()}});
  }
};

TEST(Program, ObserverSeesEveryNodeInOrder) {
  const Model model = small_mobilenet();
  Session session(make(model, {.reference_kernels = true}));
  Recorder recorder;
  const std::vector<float> output = run(session, seeded_floats(kImage, 3), &recorder);
  ASSERT_EQ(recorder.seen.size(), model.main().nodes.size());
  for (uint32_t i = 0; i < recorder.seen.size(); ++i) EXPECT_EQ(recorder.seen[i].node, i);
  EXPECT_EQ(recorder.seen.back().values, output);
}

TEST(Program, SeparatedActivationsShowTheValueBefore) {
  const Model model = small_mobilenet();
  const std::vector<float> input = seeded_floats(kImage, 3, -4.0f, 4.0f);
  Session fused(make(model));
  Session separate(make(model, {.separate_steps = true}));
  Recorder fused_steps, separate_steps;
  const std::vector<float> expected = run(fused, input, &fused_steps);
  EXPECT_EQ(run(separate, input, &separate_steps), expected);
  EXPECT_EQ(separate_steps.seen.size(), model.main().nodes.size() + 3);  // three layers have a RELU6
  std::vector<float> before;
  for (const Recorder::Seen& step : separate_steps.seen) {
    if (step.before) {
      before = step.values;
      continue;
    }
    const auto same_node = [&](const Recorder::Seen& other) { return other.node == step.node; };
    const auto fused_step = std::ranges::find_if(fused_steps.seen, same_node);
    if (fused_step != fused_steps.seen.end()) {
      EXPECT_EQ(step.values, fused_step->values) << step.node;
    }
    if (before.empty()) continue;
    EXPECT_NE(before, step.values);
    for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(step.values[i], std::fmin(std::fmax(before[i], 0.0f), 6.0f));
    before.clear();
  }
}

TEST(Program, NamesComeFromTheSignature) {
  Model model = small_mobilenet();
  EXPECT_EQ(make(model).inputs()[0].name, model.main().tensors[model.main().inputs[0]].name);
  model.signatures.push_back(
      {.inputs = {{"image", model.main().inputs[0]}}, .outputs = {{"scores", model.main().outputs[0]}}});
  const Program program = make(model);
  EXPECT_EQ(program.inputs()[0].name, "image");
  EXPECT_EQ(program.outputs()[0].name, "scores");
  EXPECT_EQ(to_string(program.inputs()[0].shape), "1x17x15x3");
}

// Reshapes and elementwise chains share memory; results equal those of a graph in which nothing may be shared, since
// every tensor is an output.
TEST(Program, SharedMemoryDoesNotChangeResults) {
  const auto build = [](bool keep_all) {
    ModelBuilder b;
    const TensorId x = b.input({4, 6});
    const TensorId flat = b.node(Op::kReshape, {x, b.integers({24})}, {24}, ReshapeAttributes{});
    const TensorId doubled = b.node(Op::kAdd, {flat, flat}, {24}, ArithmeticAttributes{});
    const TensorId table = b.node(Op::kReshape, {doubled, b.integers({4, 6})}, {4, 6}, ReshapeAttributes{});
    const TensorId relu = b.node(Op::kRelu, {table}, {4, 6});
    const TensorId product = b.node(Op::kMul, {relu, x}, {4, 6}, ArithmeticAttributes{});
    const TensorId scaled = b.node(Op::kMul, {product, b.constant({6})}, {4, 6}, ArithmeticAttributes{});
    const TensorId sum = b.node(Op::kSub, {scaled, table}, {4, 6}, ArithmeticAttributes{});
    const TensorId end = b.node(Op::kExpandDims, {sum, b.integers({0})}, {1, 4, 6});
    b.output(end);
    if (keep_all) {
      for (const TensorId id : {flat, doubled, table, relu, product, scaled, sum}) b.output(id);
    }
    return std::move(b.model());
  };
  const std::vector<float> input = seeded_floats(24, 11);
  const Program shared = make(build(false)), apart = make(build(true));
  EXPECT_LT(shared.arena_bytes(), apart.arena_bytes());
  EXPECT_EQ(run(shared, input), run(apart, input));
}

TEST(Program, OutputsSurviveWritingTheNextInput) {
  ModelBuilder b;
  const TensorId x = b.input({1, 64});
  const TensorId flat = b.node(Op::kReshape, {x, b.integers({8, 8})}, {8, 8}, ReshapeAttributes{});
  b.output(b.node(Op::kRelu, {flat}, {8, 8}));
  Session session(make(b.model()));
  const std::vector<float> first = run(session, seeded_floats(64, 1));
  std::memset(session.input(0).data, 0xff, 64 * sizeof(float));
  EXPECT_EQ(std::memcmp(session.output(0).data, first.data(), 64 * sizeof(float)), 0);
}

TEST(Program, InputsAndConstantsMayBeOutputs) {
  ModelBuilder b;
  const TensorId x = b.input({1, 3});
  const TensorId c = b.constant({2});
  const TensorId d = b.node(Op::kAdd, {c, c}, {2}, ArithmeticAttributes{});
  b.output(x);
  b.output(c);
  b.output(d);
  b.output(d);
  Session session(make(b.model()));
  EXPECT_EQ(run(session, {1, 2, 3}), (std::vector<float>{1, 2, 3}));
  const std::vector<float> weights = b.model().constant_values<float>(b.tensor(c).constant);
  EXPECT_EQ(std::memcmp(session.output(1).data, weights.data(), 8), 0);
  EXPECT_EQ(session.output(2).as<float>()[0], 2 * weights[0]);
  EXPECT_EQ(session.output(3).as<float>()[1], 2 * weights[1]);
  EXPECT_EQ(session.output(4).data, nullptr);
  EXPECT_EQ(session.input(1).data, nullptr);
  EXPECT_EQ(session.program().step_count(), 0u);
}

TEST(Program, ConstantNodesAreFolded) {
  ModelBuilder b;
  const TensorId x = b.input({2, 3});
  const std::vector<uint16_t> halves{0x3c00, 0x4000, 0xc200};  // 1, 2, -3
  const TensorId h = add_constant_tensor(b.model(), b.graph(), "halves", ElementType::kFloat16, {3}, halves);
  const TensorId w = b.node(Op::kDequantize, {h}, {3});
  const TensorId squares = b.node(Op::kMul, {w, w}, {3}, ArithmeticAttributes{});
  b.output(b.node(Op::kMul, {x, squares}, {2, 3}, ArithmeticAttributes{}));
  const Program program = make(b.model());
  EXPECT_EQ(program.step_count(), 1u);
  EXPECT_EQ(run(program, {1, 1, 1, 2, 2, 2}), (std::vector<float>{1, 4, 9, 2, 8, 18}));
}

// As in an unrolled loop: the same weights, then others of the same shape.
TEST(Program, WeightsAreOnlyPackedOnce) {
  const auto packed_bytes = [](const std::vector<int>& weights, std::vector<float>* values) {
    ModelBuilder b;
    TensorId x = b.input({1, 40});
    const TensorId matrices[] = {b.constant({40, 40}), b.constant({40, 40})};
    for (const int i : weights) x = b.node(Op::kFullyConnected, {x, matrices[i]}, {1, 40}, FullyConnectedAttributes{});
    b.output(x);
    EXPECT_TRUE(verify(b.model()).is_ok());
    const Result<Program> program = Program::from_model(b.model());
    EXPECT_TRUE(program.is_ok()) << program.status().message();
    if (values != nullptr) {
      Session session(program.value());
      std::ranges::fill(session.input<float>(0), 0.5f);
      EXPECT_TRUE(session.invoke().is_ok());
      values->assign(session.output<float>(0).begin(), session.output<float>(0).end());
    }
    return program.value().packed_bytes();
  };
  std::vector<float> once, twice, other;
  const size_t bytes = packed_bytes({0}, &once);
  EXPECT_GE(bytes, 40u * 40 * sizeof(float));
  EXPECT_EQ(packed_bytes({0, 0}, &twice), bytes);
  EXPECT_EQ(packed_bytes({0, 0, 0, 1, 0}, nullptr), 2 * bytes);
  packed_bytes({0, 1}, &other);
  EXPECT_NE(once, twice);
  EXPECT_NE(twice, other);
}

TEST(Program, UnalignedConstants) {
  ModelBuilder b;
  const TensorId x = b.input({1, 3});
  const auto bytes = std::make_shared<std::vector<std::byte>>(13);
  const float values[3] = {1, 2, 3};
  std::memcpy(bytes->data() + 1, values, sizeof(values));
  const ConstantId constant = b.model().add_constant(std::span<const std::byte>(*bytes).subspan(1), bytes);
  const TensorId w = b.graph().add_tensor({.name = "w", .shape = {3}, .constant = constant});
  b.output(b.node(Op::kAdd, {x, w}, {1, 3}, ArithmeticAttributes{}));
  for (const bool reference : {false, true}) {
    EXPECT_EQ(run(make(b.model(), {.reference_kernels = reference}), {1, 1, 1}), (std::vector<float>{2, 3, 4}));
  }
}

TEST(Program, SourceOperatorsRunWhereTheyAreGiven) {
  ModelBuilder b;
  b.model().level = Level::kSource;
  const TensorId x = b.input({1, 2});
  const TensorId scaled = b.node(Op::kRescaling, {x}, {1, 2}, RescalingAttributes{{0.5f}, {-1.0f}});
  b.output(b.node(Op::kIdentity, {scaled}, {1, 2}, IdentityAttributes{}));
  EXPECT_EQ(run(make(b.model(), {.source_operators = source_operator_table()}), {4, 8}), (std::vector<float>{1, 3}));
}

TEST(Program, ShapesThatDoNotFitAreErrors) {
  const Model model = small_mobilenet();
  const Result<Program> rank = Program::from_model(model, {.input_shapes = {{1, 17, 15}}});
  EXPECT_FALSE(rank.is_ok());
  const Result<Program> count = Program::from_model(model, {.input_shapes = {{1, 17, 15, 3}, {1}}});
  EXPECT_EQ(count.status().message(), "the model has 1 inputs, shapes were given for 2");
}

TEST(Program, TooLargeAnArenaIsRefusedBeforeItIsAllocated) {
  ModelBuilder b;
  const TensorId x = b.input({Shape::kFree, 1 << 20});
  b.output(b.node(Op::kRelu, {x}, {Shape::kFree, 1 << 20}));
  const Result<Program> program = Program::from_model(b.model(), {.input_shapes = {{1 << 12, 1 << 20}}});
  EXPECT_EQ(program.status().code(), StatusCode::kResourceLimit);
  EXPECT_EQ(program.status().message(), std::string("the tensors of this model need 32768 MiB of memory, at most ") +
                                            (sizeof(size_t) == 8 ? "16384" : "2047") + " MiB are allowed");
}

// Random graphs of elementwise, reshaping and mixing operators: no two live tensors overlap unless one is the other's
// memory on purpose, which shows in the results.
TEST(Program, RandomGraphsEqualTheirUnsharedTwins) {
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    ModelBuilder b;
    std::vector<TensorId> tensors{b.input({4, 6})};
    const auto any = [&] { return tensors[random() % tensors.size()]; };
    for (int i = 0; i < 12; ++i) {
      const TensorId x = any();
      const bool flat = b.tensor(x).shape.rank() == 1;
      switch (random() % 5) {
        case 0:
          tensors.push_back(flat ? b.node(Op::kReshape, {x, b.integers({4, 6})}, {4, 6}, ReshapeAttributes{})
                                 : b.node(Op::kReshape, {x, b.integers({24})}, {24}, ReshapeAttributes{}));
          break;
        case 1:
          tensors.push_back(b.node(Op::kRelu6, {x}, b.tensor(x).shape));
          break;
        case 2:
          tensors.push_back(b.node(Op::kSub, {x, b.constant({1})}, b.tensor(x).shape, ArithmeticAttributes{}));
          break;
        default: {
          const TensorId y = any();
          if (b.tensor(x).shape == b.tensor(y).shape) {
            tensors.push_back(b.node(Op::kAdd, {x, y}, b.tensor(x).shape, ArithmeticAttributes{}));
          }
        }
      }
    }
    b.output(tensors.back());
    const std::vector<float> input = seeded_floats(24, static_cast<uint32_t>(round));
    const std::vector<float> shared = run(make(b.model()), input);
    for (size_t i = 1; i + 1 < tensors.size(); ++i) b.output(tensors[i]);
    EXPECT_EQ(run(make(b.model()), input), shared) << "round " << round;
  }
}

}  // namespace
}  // namespace burin
