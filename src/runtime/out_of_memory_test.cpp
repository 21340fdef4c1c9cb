// Every allocation of loading and running fails once: the answer is a Status each time.
#include <gtest/gtest.h>

#include <cstring>

#include "burin/burin.h"
#include "burin/runtime.hpp"
#include "mobilenet_file.hpp"
#include "watched_allocations.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define BURIN_LEAK_CHECKER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BURIN_LEAK_CHECKER 1
#endif
#endif
#ifdef BURIN_LEAK_CHECKER
#include <sanitizer/lsan_interface.h>
#endif

namespace burin {
namespace {

// What functions of the library had allocated for themselves when they were left is lost.
class LeaksAllowed {
 public:
#ifdef BURIN_LEAK_CHECKER
  LeaksAllowed() { __lsan_disable(); }
  ~LeaksAllowed() { __lsan_enable(); }
#else
  LeaksAllowed() = default;
  ~LeaksAllowed() = default;
#endif
  LeaksAllowed(const LeaksAllowed&) = delete;
  LeaksAllowed& operator=(const LeaksAllowed&) = delete;
};

// Calls `run` with one, two, ... allocations until it succeeds; how often that was.
template <typename Run>
int64_t starve(Run&& run) {
  [[maybe_unused]] const LeaksAllowed leaks;
  for (int64_t granted = 0;; ++granted) {
    Allocations::left = granted;
    const StatusCode code = run();
    Allocations::left = -1;
    if (code == StatusCode::kOk) return granted;
    EXPECT_EQ(code, StatusCode::kResourceLimit);
    if (code != StatusCode::kResourceLimit) return granted;
  }
}

TEST(OutOfMemory, Loading) {
  const std::vector<uint8_t> file = mobilenet_file();
  const auto bytes = std::as_bytes(std::span(file));
  EXPECT_GT(starve([&] { return Program::from_memory(bytes).status().code(); }), 100);
}

TEST(OutOfMemory, SessionsAndResizing) {
  const std::vector<uint8_t> file = mobilenet_file();
  const Program program = Program::from_memory(std::as_bytes(std::span(file))).value();
  EXPECT_GT(starve([&] {
              Session session(program, {.threads = 2});
              return session.invoke().code();
            }),
            3);
  Session session(program);
  const std::vector<Shape> shapes{{2, 17, 15, 3}};
  EXPECT_GT(starve([&] { return session.resize(shapes).code(); }), 100);
  EXPECT_EQ(session.invoke().code(), StatusCode::kOk);
}

TEST(OutOfMemory, C) {
  const std::vector<uint8_t> file = mobilenet_file();
  starve([&] {
    burin_program* program = nullptr;
    burin_session* session = nullptr;
    burin_status status;
    const burin_shape shape{4, {2, 17, 15, 3}};
    size_t index = 0;
    if (burin_program_from_memory(file.data(), file.size(), nullptr, nullptr, nullptr, &program, &status) == BURIN_OK &&
        burin_session_new(program, nullptr, &session, &status) == BURIN_OK &&
        burin_session_resize(session, &shape, 1, nullptr, 0, &status) == BURIN_OK &&
        burin_session_invoke(session, &status) == BURIN_OK &&
        burin_program_find_input(program, nullptr, "no such name, and a long one", &index, &status) ==
            BURIN_INVALID_ARGUMENT) {
      status.code = BURIN_OK;
    }
    burin_session_free(session);
    burin_program_free(program);
    EXPECT_TRUE(status.code == BURIN_OK || std::strcmp(status.message, "") != 0);
    return static_cast<StatusCode>(status.code);
  });
}

}  // namespace
}  // namespace burin
