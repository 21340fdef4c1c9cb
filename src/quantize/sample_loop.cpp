#include "quantize/sample_loop.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace burin {

void for_each_sample(size_t count, int threads, const std::function<void(size_t, size_t)>& work,
                     const std::function<void(size_t, size_t)>& commit) {
  std::mutex mutex;
  std::condition_variable turn;
  size_t next = 0;
  size_t committed = 0;
  size_t failed = count;  // the first sample known to have failed: those before it are still committed
  std::exception_ptr error;

  const auto run = [&](size_t worker) {
    for (;;) {
      size_t sample;
      {
        const std::lock_guard lock(mutex);
        if (next >= failed) return;
        sample = next++;
      }
      std::exception_ptr thrown;
      try {
        work(sample, worker);
      } catch (...) {
        thrown = std::current_exception();
      }
      std::unique_lock lock(mutex);
      if (!commit) {
        if (thrown && sample < failed) {
          failed = sample;
          error = thrown;
        }
        continue;
      }
      turn.wait(lock, [&] { return committed == sample || failed < sample; });
      if (failed < sample) return;
      if (!thrown) {
        try {
          commit(sample, worker);
        } catch (...) {
          thrown = std::current_exception();
        }
      }
      if (thrown) {
        failed = sample;
        error = thrown;
      }
      ++committed;
      turn.notify_all();
    }
  };

  const size_t workers = std::clamp<size_t>(static_cast<size_t>(std::max(threads, 1)), 1, std::max<size_t>(count, 1));
  std::vector<std::thread> others;
  for (size_t worker = 1; worker < workers; ++worker) others.emplace_back(run, worker);
  run(0);
  for (std::thread& thread : others) thread.join();
  if (error) std::rethrow_exception(error);
}

void for_each_sample(size_t count, int threads, const std::function<void(size_t, size_t)>& work) {
  for_each_sample(count, threads, work, nullptr);
}

}  // namespace burin
