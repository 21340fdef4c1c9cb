#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "burin/runtime.hpp"
#include "mobilenet_file.hpp"

namespace burin {
namespace {

constexpr size_t kImage = 17 * 15 * 3;

Program load(const std::vector<uint8_t>& file, const ProgramOptions& options = {}) {
  Result<Program> program = Program::from_memory(std::as_bytes(std::span(file)), options);
  EXPECT_TRUE(program.is_ok()) << program.status().message();
  return program.value();
}

Program load() { return load(mobilenet_file()); }

std::vector<float> run(Session& session, const std::vector<float>& image) {
  const std::span<float> input = session.input<float>(0);
  EXPECT_EQ(input.size(), image.size());
  std::ranges::copy(image, input.begin());
  const Status status = session.invoke();
  EXPECT_TRUE(status.is_ok()) << status.message();
  const std::span<const float> output = session.output<float>(0);
  return {output.begin(), output.end()};
}

struct AlignedFree {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using AlignedMemory = std::unique_ptr<std::byte, AlignedFree>;
AlignedMemory aligned(size_t bytes) {
  return AlignedMemory(static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
}

TEST(Session, SpansAreTyped) {
  Session session(load());
  EXPECT_EQ(session.input<float>(0).size(), kImage);
  EXPECT_EQ(session.output<float>(0).size(), 5u);
  EXPECT_TRUE(session.input<int8_t>(0).empty());
  EXPECT_TRUE(session.output<int32_t>(0).empty());
  EXPECT_TRUE(session.input<float>(1).empty());
  EXPECT_TRUE(session.output<float>(7).empty());
}

TEST(Session, ResizesAndLeavesOtherSessionsAlone) {
  const Program program = load();
  Session session(program), other(program);
  const std::vector<float> a = seeded_floats(kImage, 1), b = seeded_floats(kImage, 2);
  std::vector<float> expected = run(other, a);
  std::ranges::copy(run(other, b), std::back_inserter(expected));
  std::vector<float> both = a;
  both.insert(both.end(), b.begin(), b.end());

  const Shape two{2, 17, 15, 3};
  ASSERT_TRUE(session.resize({&two, 1}).is_ok());
  EXPECT_EQ(session.program().inputs()[0].shape, two);
  EXPECT_EQ(session.program().outputs()[0].shape, (Shape{2, 5}));
  EXPECT_EQ(program.inputs()[0].shape, (Shape{1, 17, 15, 3}));
  EXPECT_EQ(run(session, both), expected);
  EXPECT_EQ(run(other, a), std::vector<float>(expected.begin(), expected.begin() + 5));

  const Shape one{1, 17, 15, 3};
  ASSERT_TRUE(session.resize({&one, 1}).is_ok());
  EXPECT_EQ(run(session, b), std::vector<float>(expected.begin() + 5, expected.end()));
}

TEST(Session, StaysAsItIsWhereItCannotBeResized) {
  Session session(load());
  const std::vector<float> image = seeded_floats(kImage, 3);
  const std::vector<float> expected = run(session, image);
  const std::array<Shape, 2> shapes{Shape{1, 17, 15, 4}, Shape{1}};
  EXPECT_EQ(session.resize(shapes).code(), StatusCode::kInvalidArgument);
  const Status status = session.resize(std::span(shapes).first(1));
  EXPECT_FALSE(status.is_ok());
  EXPECT_FALSE(session.resize({}).is_ok());
  const Shape huge{2'000'000'000, 17, 15, 3};
  EXPECT_EQ(session.resize({&huge, 1}).code(), StatusCode::kResourceLimit);
  EXPECT_EQ(run(session, image), expected);
}

TEST(Session, AProgramOfAModelIsNotResized) {
  const Result<Program> program = Program::from_model(small_mobilenet());
  ASSERT_TRUE(program.is_ok());
  const Shape two{2, 17, 15, 3};
  EXPECT_EQ(program.value().resized({&two, 1}).status().code(), StatusCode::kUnsupported);
}

TEST(Session, WorksInGivenMemory) {
  const Program program = load();
  const std::vector<float> image = seeded_floats(kImage, 4);
  Session own(program);
  const std::vector<float> expected = run(own, image);
  for (const int threads : {1, 3}) {
    const size_t bytes = program.session_bytes(threads);
    EXPECT_GE(bytes, program.arena_bytes());
    const AlignedMemory memory = aligned(bytes + 64);
    std::fill_n(memory.get(), bytes + 64, std::byte{0x5a});
    Session session(program, {.threads = threads, .memory = {memory.get(), bytes}});
    ASSERT_TRUE(session.status().is_ok()) << session.status().message();
    EXPECT_EQ(run(session, image), expected);
    const std::byte* input = session.input(0).data;
    EXPECT_TRUE(input >= memory.get() && input < memory.get() + bytes);
    EXPECT_TRUE(std::all_of(memory.get() + bytes, memory.get() + bytes + 64,
                            [](std::byte byte) { return byte == std::byte{0x5a}; }));
  }
}

TEST(Session, RefusesMemoryThatDoesNotDo) {
  const Program program = load();
  const size_t bytes = program.session_bytes(1);
  const AlignedMemory memory = aligned(bytes + 64);
  Session small(program, {.memory = {memory.get(), bytes - 1}});
  EXPECT_EQ(small.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(small.invoke().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(small.input(0).data, nullptr);
  EXPECT_TRUE(small.output<float>(0).empty());
  Session crooked(program, {.memory = {memory.get() + 4, bytes}});
  EXPECT_EQ(crooked.status().code(), StatusCode::kInvalidArgument);
}

TEST(Session, ResizesInGivenMemory) {
  const Program program = load();
  const Shape two{2, 17, 15, 3};
  const Result<Program> larger = program.resized({&two, 1});
  ASSERT_TRUE(larger.is_ok());
  const size_t bytes = program.session_bytes(1), more = larger.value().session_bytes(1);
  ASSERT_GT(more, bytes);
  const AlignedMemory memory = aligned(bytes), more_memory = aligned(more);
  Session session(program, {.memory = {memory.get(), bytes}});
  EXPECT_EQ(session.resize({&two, 1}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(session.input<float>(0).size(), kImage);
  ASSERT_TRUE(session.resize({&two, 1}, {more_memory.get(), more}).is_ok());
  EXPECT_EQ(session.input<float>(0).size(), 2 * kImage);
  EXPECT_EQ(session.invoke().code(), StatusCode::kOk);
  const Shape one{1, 17, 15, 3};
  ASSERT_TRUE(session.resize({&one, 1}).is_ok());
  const std::byte* input = session.input(0).data;
  EXPECT_TRUE(input >= more_memory.get() && input < more_memory.get() + more);
}

// Cancels in the middle of the first run.
class Canceller : public StepObserver {
 public:
  explicit Canceller(Session& session) : session_(session) {}
  void on_step(const StepEvent&) override {
    if (++steps == 3) session_.cancel();
  }
  int steps = 0;

 private:
  Session& session_;
};

TEST(Session, IsCancelledBetweenSteps) {
  Session session(load());
  const std::vector<float> image = seeded_floats(kImage, 5);
  const std::vector<float> expected = run(session, image);
  Canceller canceller(session);
  EXPECT_EQ(session.invoke(&canceller).code(), StatusCode::kCancelled);
  EXPECT_EQ(canceller.steps, 3);
  EXPECT_EQ(session.invoke().code(), StatusCode::kCancelled);  // until it is cleared
  session.clear_cancel();
  EXPECT_EQ(run(session, image), expected);
}

TEST(Session, IsCancelledByAnotherThread) {
  const Program program = load();
  Session session(program, {.threads = 2});
  std::atomic<bool> runs{false};
  std::thread other([&] {
    while (!runs.load()) std::this_thread::yield();
    session.cancel();
  });
  Status status;
  while (status.is_ok()) {
    status = session.invoke();
    runs.store(true);
  }
  other.join();
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
}

TEST(Session, ManyInManyThreadsResizeAndCancel) {
  const Program program = load();
  std::vector<std::vector<float>> expected;
  for (uint32_t i = 0; i < 4; ++i) {
    Session session(program);
    expected.push_back(run(session, seeded_floats(kImage, i)));
  }
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Session session(program, {.threads = 1 + static_cast<int>(i % 2)});
      for (int repeat = 0; repeat < 3; ++repeat) {
        const Shape two{2, 17, 15, 3}, one{1, 17, 15, 3};
        EXPECT_TRUE(session.resize({&two, 1}).is_ok());
        session.cancel();
        EXPECT_EQ(session.invoke().code(), StatusCode::kCancelled);
        session.clear_cancel();
        EXPECT_TRUE(session.resize({&one, 1}).is_ok());
        results[i] = run(session, seeded_floats(kImage, i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(results, expected);
}

TEST(Session, ObserversSeeLayersAndOperators) {
  struct Names : StepObserver {
    void on_step(const StepEvent& event) override {
      operators.emplace_back(event.operator_name);
      EXPECT_FALSE(event.layer.empty());
    }
    std::vector<std::string> operators;
  } names;
  Session session(load());
  ASSERT_TRUE(session.invoke(&names).is_ok());
  ASSERT_FALSE(names.operators.empty());
  EXPECT_EQ(names.operators.front(), "CONV_2D");
  EXPECT_EQ(names.operators.back(), "SOFTMAX");
}

TEST(Signatures, NameInputsAndOutputs) {
  Model model = named_mobilenet();
  const Graph& graph = model.main();
  model.signatures.push_back(
      {.key = "other_names", .inputs = {{"x", graph.inputs[0]}}, .outputs = {{"y", graph.outputs[0]}}});
  const Program program = load(write_tflite(model));
  ASSERT_EQ(program.signatures().size(), 2u);
  EXPECT_EQ(program.signatures()[0].key, "serving_default");
  EXPECT_EQ(program.inputs()[0].name, "image");
  EXPECT_EQ(program.input_index("image").value(), 0u);
  EXPECT_EQ(program.output_index("scores", "serving_default").value(), 0u);
  EXPECT_EQ(program.input_index("x", "other_names").value(), 0u);
  EXPECT_EQ(program.output_index("y", "other_names").value(), 0u);
  EXPECT_EQ(program.signature("other_names").value()->outputs[0], "y");

  const Status wrong = program.input_index("picture").status();
  EXPECT_EQ(wrong.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(wrong.remedy().find("`image`"), std::string::npos) << wrong.remedy();
  EXPECT_EQ(program.input_index("image", "other_names").status().code(), StatusCode::kInvalidArgument);
  const Status missing = program.signature("training").status();
  EXPECT_EQ(missing.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(missing.remedy().find("`other_names`"), std::string::npos) << missing.remedy();
}

TEST(Signatures, OfOtherGraphsAreRefused) {
  Model model = named_mobilenet();
  model.graphs.push_back(model.main());
  model.signatures.push_back({.key = "second",
                              .graph = 1,
                              .inputs = {{"image", model.main().inputs[0]}},
                              .outputs = {{"scores", model.main().outputs[0]}}});
  const Program program = load(write_tflite(model));
  EXPECT_EQ(program.signatures().size(), 1u);
  EXPECT_EQ(program.signature("second").status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(program.output_index("scores", "second").status().code(), StatusCode::kUnsupported);
}

TEST(Program, FilesThatCannotBeRead) {
  EXPECT_EQ(Program::from_file("/nonexistent/model.tflite").status().code(), StatusCode::kIo);
  EXPECT_EQ(Program::from_file("/").status().code(), StatusCode::kIo);
  EXPECT_EQ(Program::from_file("/dev/null").status().code(), StatusCode::kIo);
  EXPECT_EQ(Program::from_memory({}).status().code(), StatusCode::kInvalidModel);
}

}  // namespace
}  // namespace burin
