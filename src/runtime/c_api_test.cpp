#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "burin/burin.h"
#include "burin/runtime.hpp"
#include "mobilenet_file.hpp"

namespace burin {
namespace {

constexpr size_t kImage = 17 * 15 * 3;

struct ProgramFree {
  void operator()(burin_program* program) const { burin_program_free(program); }
};
struct SessionFree {
  void operator()(burin_session* session) const { burin_session_free(session); }
};
using ProgramHandle = std::unique_ptr<burin_program, ProgramFree>;
using SessionHandle = std::unique_ptr<burin_session, SessionFree>;

ProgramHandle load(const std::vector<uint8_t>& file = mobilenet_file()) {
  burin_program* program = nullptr;
  burin_status status;
  EXPECT_EQ(burin_program_from_memory(file.data(), file.size(), nullptr, nullptr, nullptr, &program, &status), BURIN_OK)
      << status.message;
  return ProgramHandle(program);
}

SessionHandle open(const ProgramHandle& program, const burin_session_options* options = nullptr) {
  burin_session* session = nullptr;
  burin_status status;
  EXPECT_EQ(burin_session_new(program.get(), options, &session, &status), BURIN_OK) << status.message;
  return SessionHandle(session);
}

std::vector<float> run(const SessionHandle& session, const std::vector<float>& image) {
  burin_status status;
  EXPECT_EQ(burin_session_write_input(session.get(), 0, image.data(), image.size() * sizeof(float), &status), BURIN_OK)
      << status.message;
  EXPECT_EQ(burin_session_invoke(session.get(), &status), BURIN_OK) << status.message;
  size_t count = 0;
  const auto* scores = static_cast<const float*>(burin_session_output(session.get(), 0, BURIN_FLOAT32, &count));
  return scores == nullptr ? std::vector<float>() : std::vector<float>(scores, scores + count);
}

// What the C++ interface computes.
std::vector<float> expected(const std::vector<float>& image) {
  const std::vector<uint8_t> file = mobilenet_file();
  Session session(Program::from_memory(std::as_bytes(std::span(file))).value());
  std::ranges::copy(image, session.input<float>(0).begin());
  EXPECT_TRUE(session.invoke().is_ok());
  return {session.output<float>(0).begin(), session.output<float>(0).end()};
}

TEST(CApi, RunsAFileThatIsDeletedMeanwhile) {
  const std::vector<uint8_t> file = mobilenet_file();
  std::string path = testing::TempDir() + "c_api_XXXXXX";
  const int descriptor = mkstemp(path.data());
  ASSERT_EQ(write(descriptor, file.data(), file.size()), static_cast<ssize_t>(file.size()));
  close(descriptor);
  burin_program* program = nullptr;
  burin_status status;
  ASSERT_EQ(burin_program_from_file(path.c_str(), nullptr, &program, &status), BURIN_OK) << status.message;
  const ProgramHandle handle(program);
  std::remove(path.c_str());
  const SessionHandle session = open(handle);
  const std::vector<float> image = seeded_floats(kImage, 1);
  EXPECT_EQ(run(session, image), expected(image));
  const burin_shape shape{4, {2, 17, 15, 3}};
  EXPECT_EQ(burin_session_resize(session.get(), &shape, 1, nullptr, 0, &status), BURIN_OK) << status.message;

  EXPECT_EQ(burin_program_from_file(path.c_str(), nullptr, &program, &status), BURIN_IO);
  EXPECT_EQ(program, nullptr);
  EXPECT_NE(std::string(status.message).find(path), std::string::npos) << status.message;
}

TEST(CApi, DescribesInputsAndOutputs) {
  const ProgramHandle program = load();
  ASSERT_EQ(burin_program_input_count(program.get()), 1u);
  ASSERT_EQ(burin_program_output_count(program.get()), 1u);
  burin_tensor_info info;
  ASSERT_EQ(burin_program_input(program.get(), 0, &info, nullptr), BURIN_OK);
  EXPECT_STREQ(info.name, "image");
  EXPECT_EQ(info.type, BURIN_FLOAT32);
  EXPECT_EQ(info.shape.rank, 4);
  EXPECT_EQ(info.shape.dims[1], 17);
  EXPECT_EQ(info.bytes, kImage * sizeof(float));
  EXPECT_EQ(info.scale_count, 0u);
  EXPECT_EQ(info.axis, -1);
  ASSERT_EQ(burin_program_output(program.get(), 0, &info, nullptr), BURIN_OK);
  EXPECT_STREQ(info.name, "scores");
  burin_status status;
  EXPECT_EQ(burin_program_output(program.get(), 1, &info, &status), BURIN_INVALID_ARGUMENT);

  ASSERT_EQ(burin_program_signature_count(program.get()), 1u);
  EXPECT_STREQ(burin_program_signature_key(program.get(), 0), "serving_default");
  EXPECT_EQ(burin_program_signature_key(program.get(), 1), nullptr);
  EXPECT_STREQ(burin_program_input_name(program.get(), 0, 0), "image");
  EXPECT_EQ(burin_program_input_name(program.get(), 0, 1), nullptr);
  EXPECT_STREQ(burin_program_output_name(program.get(), 0, 0), "scores");
  size_t index = 9;
  EXPECT_EQ(burin_program_find_input(program.get(), nullptr, "image", &index, &status), BURIN_OK);
  EXPECT_EQ(index, 0u);
  EXPECT_EQ(burin_program_find_output(program.get(), "serving_default", "image", &index, &status),
            BURIN_INVALID_ARGUMENT);
  EXPECT_STREQ(status.remedy, "It has `scores`.");
  EXPECT_EQ(burin_program_find_output(program.get(), "training", "scores", &index, &status), BURIN_INVALID_ARGUMENT);
}

TEST(CApi, SessionsOutliveTheirProgram) {
  const std::vector<float> image = seeded_floats(kImage, 2);
  SessionHandle session;
  {
    const ProgramHandle program = load();
    session = open(program);
  }
  EXPECT_EQ(run(session, image), expected(image));
  EXPECT_EQ(burin_program_input_count(burin_session_program(session.get())), 1u);
}

TEST(CApi, SizesAndTypesMustFit) {
  const ProgramHandle program = load();
  const SessionHandle session = open(program);
  burin_status status;
  std::vector<float> data(kImage + 1);
  EXPECT_EQ(burin_session_write_input(session.get(), 0, data.data(), data.size() * sizeof(float), &status),
            BURIN_INVALID_ARGUMENT);
  EXPECT_NE(std::strstr(status.message, "1x17x15x3"), nullptr) << status.message;
  EXPECT_EQ(burin_session_write_input(session.get(), 1, data.data(), 4, &status), BURIN_INVALID_ARGUMENT);
  EXPECT_EQ(burin_session_read_output(session.get(), 0, data.data(), 4, &status), BURIN_INVALID_ARGUMENT);
  EXPECT_EQ(burin_session_read_output(session.get(), 0, data.data(), 5 * sizeof(float), &status), BURIN_OK);
  size_t count = 9;
  EXPECT_EQ(burin_session_input(session.get(), 0, BURIN_INT8, &count), nullptr);
  EXPECT_EQ(count, 0u);
  EXPECT_NE(burin_session_input(session.get(), 0, BURIN_FLOAT32, nullptr), nullptr);
  EXPECT_EQ(burin_session_output(session.get(), 1, BURIN_FLOAT32, &count), nullptr);
}

TEST(CApi, ResizesAndRuns) {
  const ProgramHandle program = load();
  const SessionHandle session = open(program);
  const std::vector<float> a = seeded_floats(kImage, 3), b = seeded_floats(kImage, 4);
  std::vector<float> both = a, results = expected(a);
  both.insert(both.end(), b.begin(), b.end());
  std::ranges::copy(expected(b), std::back_inserter(results));
  burin_status status;
  const burin_shape two{4, {2, 17, 15, 3}}, wrong{3, {2, 17, 15}}, deep{9, {}}, flat{-1, {}};
  ASSERT_EQ(burin_session_resize(session.get(), &two, 1, nullptr, 0, &status), BURIN_OK) << status.message;
  EXPECT_EQ(run(session, both), results);
  burin_tensor_info info;
  ASSERT_EQ(burin_program_output(burin_session_program(session.get()), 0, &info, nullptr), BURIN_OK);
  EXPECT_EQ(info.shape.dims[0], 2);
  for (const burin_shape* shape : {&wrong, &deep, &flat}) {
    EXPECT_NE(burin_session_resize(session.get(), shape, 1, nullptr, 0, &status), BURIN_OK);
  }
  EXPECT_EQ(burin_session_resize(session.get(), nullptr, 1, nullptr, 0, &status), BURIN_INVALID_ARGUMENT);
  EXPECT_EQ(run(session, both), results);

  burin_program* resized = nullptr;
  ASSERT_EQ(burin_program_resized(program.get(), &two, 1, &resized, &status), BURIN_OK) << status.message;
  const ProgramHandle handle(resized);
  EXPECT_EQ(run(open(handle), both), results);
  const burin_program_options options{BURIN_ARITHMETIC_LITERT, 1, &two, {}};
  burin_program* batched = nullptr;
  const std::vector<uint8_t> file = mobilenet_file();
  ASSERT_EQ(burin_program_from_memory(file.data(), file.size(), nullptr, nullptr, &options, &batched, &status),
            BURIN_OK);
  EXPECT_EQ(run(open(ProgramHandle(batched)), both), results);
}

TEST(CApi, BytesAreReleasedOnceAndLast) {
  const std::vector<uint8_t> file = mobilenet_file();
  int released = 0;
  const auto release = [](void* context) { ++*static_cast<int*>(context); };
  burin_program* program = nullptr;
  burin_status status;
  ASSERT_EQ(burin_program_from_memory(file.data(), file.size(), release, &released, nullptr, &program, &status),
            BURIN_OK);
  burin_session* session = nullptr;
  ASSERT_EQ(burin_session_new(program, nullptr, &session, &status), BURIN_OK);
  burin_program_free(program);
  EXPECT_EQ(released, 0);
  burin_session_free(session);
  EXPECT_EQ(released, 1);

  const std::vector<uint8_t> damaged(file.begin(), file.begin() + 100);
  EXPECT_EQ(burin_program_from_memory(damaged.data(), damaged.size(), release, &released, nullptr, &program, &status),
            BURIN_INVALID_MODEL);
  EXPECT_EQ(program, nullptr);
  EXPECT_EQ(released, 2);
  EXPECT_EQ(burin_program_from_memory(nullptr, 0, release, &released, nullptr, &program, &status),
            BURIN_INVALID_ARGUMENT);
  EXPECT_EQ(released, 3);
}

TEST(CApi, WorksInGivenMemory) {
  const ProgramHandle program = load();
  const size_t bytes = burin_program_session_bytes(program.get(), 2);
  std::byte* memory = static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  const std::vector<float> image = seeded_floats(kImage, 5);
  burin_status status;
  burin_session* refused = nullptr;
  for (const burin_session_options& wrong :
       {burin_session_options{1, memory, 10, {}}, burin_session_options{1, memory, 0, {}},
        burin_session_options{1, nullptr, bytes, {}}, burin_session_options{-1, nullptr, 0, {}}}) {
    EXPECT_EQ(burin_session_new(program.get(), &wrong, &refused, &status), BURIN_INVALID_ARGUMENT);
    EXPECT_EQ(refused, nullptr);
  }
  const burin_session_options options{2, memory, bytes, {}};
  EXPECT_EQ(run(open(program, &options), image), expected(image));
  std::free(memory);
}

TEST(CApi, IsCancelled) {
  const ProgramHandle program = load();
  const SessionHandle session = open(program);
  burin_session_cancel(session.get());
  burin_status status;
  EXPECT_EQ(burin_session_invoke(session.get(), &status), BURIN_CANCELLED);
  EXPECT_EQ(status.code, BURIN_CANCELLED);
  burin_session_clear_cancel(session.get());
  EXPECT_EQ(burin_session_invoke(session.get(), nullptr), BURIN_OK);
}

TEST(CApi, ProfilesSteps) {
  const ProgramHandle program = load();
  const SessionHandle session = open(program);
  std::vector<std::string> operators;
  const auto callback = [](const burin_step* step, void* context) {
    EXPECT_GT(std::strlen(step->layer), 0u);
    EXPECT_GT(std::strlen(step->kernel), 0u);
    EXPECT_GE(step->nanoseconds, 0);
    static_cast<std::vector<std::string>*>(context)->push_back(step->operator_name);
  };
  ASSERT_EQ(burin_session_set_profiler(session.get(), callback, &operators, nullptr), BURIN_OK);
  ASSERT_EQ(burin_session_invoke(session.get(), nullptr), BURIN_OK);
  ASSERT_FALSE(operators.empty());
  EXPECT_EQ(operators.back(), "SOFTMAX");
  const size_t steps = operators.size();
  ASSERT_EQ(burin_session_set_profiler(session.get(), nullptr, nullptr, nullptr), BURIN_OK);
  ASSERT_EQ(burin_session_invoke(session.get(), nullptr), BURIN_OK);
  EXPECT_EQ(operators.size(), steps);
}

TEST(CApi, NullIsRefused) {
  const ProgramHandle program = load();
  const SessionHandle session = open(program);
  burin_program* made = nullptr;
  burin_session* opened = nullptr;
  burin_tensor_info info;
  size_t index = 0;
  float value = 0;
  burin_status status;
  const std::vector<burin_code> codes{
      burin_program_from_file(nullptr, nullptr, &made, &status),
      burin_program_from_file("x", nullptr, nullptr, &status),
      burin_program_from_memory(&value, 4, nullptr, nullptr, nullptr, nullptr, &status),
      burin_program_resized(nullptr, nullptr, 0, &made, &status),
      burin_program_resized(program.get(), nullptr, 0, nullptr, &status),
      burin_program_input(nullptr, 0, &info, &status),
      burin_program_input(program.get(), 0, nullptr, &status),
      burin_program_output(nullptr, 0, &info, &status),
      burin_program_output(program.get(), 0, nullptr, &status),
      burin_program_find_input(nullptr, nullptr, "image", &index, &status),
      burin_program_find_input(program.get(), nullptr, nullptr, &index, &status),
      burin_program_find_output(program.get(), nullptr, "scores", nullptr, &status),
      burin_session_new(nullptr, nullptr, &opened, &status),
      burin_session_new(program.get(), nullptr, nullptr, &status),
      burin_session_write_input(nullptr, 0, &value, 4, &status),
      burin_session_write_input(session.get(), 0, nullptr, 4, &status),
      burin_session_read_output(nullptr, 0, &value, 4, &status),
      burin_session_read_output(session.get(), 0, nullptr, 4, &status),
      burin_session_invoke(nullptr, &status),
      burin_session_resize(nullptr, nullptr, 0, nullptr, 0, &status),
      burin_session_set_profiler(nullptr, nullptr, nullptr, &status),
  };
  for (size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(codes[i], BURIN_INVALID_ARGUMENT) << i;
  EXPECT_EQ(made, nullptr);
  EXPECT_EQ(opened, nullptr);
  EXPECT_EQ(burin_program_input_count(nullptr), 0u);
  EXPECT_EQ(burin_program_output_count(nullptr), 0u);
  EXPECT_EQ(burin_program_signature_count(nullptr), 0u);
  EXPECT_EQ(burin_program_signature_key(nullptr, 0), nullptr);
  EXPECT_EQ(burin_program_session_bytes(nullptr, 1), 0u);
  EXPECT_EQ(burin_session_program(nullptr), nullptr);
  EXPECT_EQ(burin_session_input(nullptr, 0, BURIN_FLOAT32, nullptr), nullptr);
  EXPECT_EQ(burin_session_output(nullptr, 0, BURIN_FLOAT32, nullptr), nullptr);
  burin_session_cancel(nullptr);
  burin_session_clear_cancel(nullptr);
  burin_session_free(nullptr);
  burin_program_free(nullptr);
  const burin_program_options wrong{7, 0, nullptr, {}};
  EXPECT_EQ(burin_program_from_file("x", &wrong, &made, nullptr), BURIN_INVALID_ARGUMENT);
}

TEST(CApi, LongMessagesAreCut) {
  burin_program* program = nullptr;
  burin_status status;
  std::string path = "/nonexistent/";
  for (int i = 0; i < 300; ++i) path += "\xc3\xa4";  // two bytes each
  EXPECT_EQ(burin_program_from_file(path.c_str(), nullptr, &program, &status), BURIN_IO);
  const std::string message = status.message;
  EXPECT_LT(message.size(), sizeof status.message);
  EXPECT_EQ(message.substr(message.size() - 3), "...");
  EXPECT_EQ(message[message.size() - 5], '\xc3');
}

TEST(CApi, Version) { EXPECT_STREQ(burin_version(), version()); }

}  // namespace
}  // namespace burin
