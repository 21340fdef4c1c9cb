#include "runtime/thread_pool.hpp"

#if !defined(__wasm__)
#include <pthread.h>
#endif

#include <algorithm>
#include <atomic>

#include "burin/runtime.hpp"

namespace burin::runtime {

namespace {

#if defined(__wasm__)
// WASI gives no threads.
using pthread_t = int;
int pthread_create(pthread_t*, const void*, void* (*)(void*), void*) { return -1; }
int pthread_join(pthread_t, void**) { return 0; }
#endif

// A fraction of a millisecond: longer than the gap between two steps and most differences between parts, shorter than a
// time slice. A thread that sleeps is late: it is woken in tens of microseconds, at first often beside its waker.
constexpr int kSpins = 20000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

// Returns once `value` differs from `old`, and what it is then.
int32_t wait_for_change(const std::atomic<int32_t>& value, int32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const int32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause_briefly();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::State {
  struct Worker {
    alignas(64) std::atomic<int32_t> job{0};  // counts the jobs that this worker was given
    State* pool = nullptr;
    pthread_t thread{};
  };

  // The job at hand; written only while no worker runs.
  void (*body)(void*, int64_t, int64_t, int) = nullptr;
  void* context = nullptr;
  int64_t count = 0;
  int parts = 0;
  bool stop = false;

  alignas(64) std::atomic<int32_t> running{0};
  int threads = 1;
  std::unique_ptr<Worker[]> workers;  // threads - 1

  void run_part(int part) const {
    const auto bound = [&](int i) { return count / parts * i + count % parts * i / parts; };
    body(context, bound(part), bound(part + 1), part);
  }

  static void* work(void* argument) {
    Worker& worker = *static_cast<Worker*>(argument);
    State& pool = *worker.pool;
    const int part = static_cast<int>(&worker - pool.workers.get()) + 1;
    for (int32_t seen = 0;;) {
      seen = wait_for_change(worker.job, seen);
      if (pool.stop) return nullptr;
      pool.run_part(part);
      if (pool.running.fetch_sub(1, std::memory_order_acq_rel) == 1) pool.running.notify_one();
    }
  }

  void start(int part) {
    std::atomic<int32_t>& job = workers[static_cast<size_t>(part - 1)].job;
    job.fetch_add(1, std::memory_order_release);
    job.notify_one();
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  const int wanted = std::clamp(threads, 1, kMaxSessionThreads);
  state_->workers = std::make_unique<State::Worker[]>(static_cast<size_t>(wanted - 1));
  // Where the system gives no more threads, there are fewer: results do not depend on it.
  while (state_->threads < wanted) {
    State::Worker& worker = state_->workers[static_cast<size_t>(state_->threads - 1)];
    worker.pool = state_.get();
    if (pthread_create(&worker.thread, nullptr, State::work, &worker) != 0) break;
    ++state_->threads;
  }
}

ThreadPool::~ThreadPool() {
  state_->stop = true;
  for (int part = 1; part < state_->threads; ++part) state_->start(part);
  for (int part = 1; part < state_->threads; ++part) {
    pthread_join(state_->workers[static_cast<size_t>(part - 1)].thread, nullptr);
  }
}

int ThreadPool::threads() const { return state_->threads; }

void ThreadPool::parallel_for(int64_t count, int64_t grain, void (*body)(void*, int64_t, int64_t, int), void* context) {
  if (count <= 0) return;
  const int64_t most = count / std::max<int64_t>(grain, 1);
  const int parts = static_cast<int>(std::clamp<int64_t>(most, 1, state_->threads));
  if (parts == 1) {
    body(context, 0, count, 0);
    return;
  }
  state_->body = body;
  state_->context = context;
  state_->count = count;
  state_->parts = parts;
  state_->running.store(parts - 1, std::memory_order_relaxed);
  for (int part = 1; part < parts; ++part) state_->start(part);
  state_->run_part(0);
  for (int32_t left = state_->running.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(state_->running, left);
  }
}

}  // namespace burin::runtime
