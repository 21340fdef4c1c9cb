#include "runtime/thread_pool.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <vector>

namespace burin::runtime {
namespace {

TEST(ThreadPool, EveryItemOnceInPartsOfAtLeastTheGrain) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const int64_t count : {0, 1, 2, 5, 64, 1001}) {
      for (const int64_t grain : {1, 3, 100, 5000}) {
        std::vector<int> visits(static_cast<size_t>(count), 0);
        std::mutex mutex;
        std::vector<bool> used(static_cast<size_t>(threads), false);
        pool.parallel_for(count, grain, [&](int64_t begin, int64_t end, int thread) {
          for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
          const std::lock_guard lock(mutex);
          EXPECT_TRUE(end - begin >= grain || end - begin == count) << count << " items, grain " << grain;
          EXPECT_FALSE(used[static_cast<size_t>(thread)]);
          used[static_cast<size_t>(thread)] = true;
        });
        for (const int visit : visits) EXPECT_EQ(visit, 1);
      }
    }
  }
}

TEST(ThreadPool, ManyLoopsOneAfterTheOther) {
  ThreadPool pool(3);
  std::vector<int64_t> sums(3, 0);
  for (int i = 0; i < 2000; ++i) {
    pool.parallel_for(i % 5 + 1, 1, [&](int64_t begin, int64_t end, int thread) {
      sums[static_cast<size_t>(thread)] += end - begin;
    });
  }
  EXPECT_EQ(sums[0] + sums[1] + sums[2], 6000);
}

TEST(ThreadPool, OutOfRangeNumbersOfThreadsAreClamped) {
  EXPECT_EQ(ThreadPool(0).threads(), 1);
  EXPECT_EQ(ThreadPool(-5).threads(), 1);
}

}  // namespace
}  // namespace burin::runtime
