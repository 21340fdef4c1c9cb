#include "quantize/sample_loop.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace burin {
namespace {

TEST(SampleLoop, CommitsInOrder) {
  for (const int threads : {1, 2, 5}) {
    std::vector<size_t> order;
    std::vector<size_t> results(static_cast<size_t>(threads));
    for_each_sample(
        23, threads, [&](size_t sample, size_t worker) { results[worker] = sample * sample; },
        [&](size_t sample, size_t worker) {
          EXPECT_EQ(results[worker], sample * sample);
          order.push_back(sample);
        });
    ASSERT_EQ(order.size(), 23u);
    for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(SampleLoop, ThrowsTheFirstFailureAndCommitsWhatCameBefore) {
  for (const int threads : {1, 2, 5}) {
    size_t committed = 0;
    std::string message;
    try {
      for_each_sample(
          50, threads,
          [](size_t sample, size_t) {
            if (sample >= 7) throw std::runtime_error(std::to_string(sample));
          },
          [&](size_t, size_t) { ++committed; });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    EXPECT_EQ(message, "7") << threads;
    EXPECT_EQ(committed, 7u) << threads;
  }
}

TEST(SampleLoop, WithoutCommitEverySampleOnceAndTheFirstFailure) {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> runs(31);
    for_each_sample(31, threads, [&](size_t sample, size_t) { ++runs[sample]; });
    EXPECT_EQ(runs, std::vector<int>(31, 1)) << threads;
    std::string message;
    try {
      for_each_sample(31, threads, [](size_t sample, size_t) {
        if (sample >= 7) throw std::runtime_error(std::to_string(sample));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    EXPECT_EQ(message, "7") << threads;
  }
}

TEST(SampleLoop, NoSamples) {
  for_each_sample(0, 3, [](size_t, size_t) { FAIL(); }, [](size_t, size_t) { FAIL(); });
}

}  // namespace
}  // namespace burin
