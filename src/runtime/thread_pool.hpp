// A fixed set of threads that share one loop at a time, statically split, so that results never depend on timing.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace burin::runtime {

// The least items of a part whose products are worth a thread: it is woken and waited for in a microsecond or two.
inline int64_t grain_of_products(int64_t products_of_item) {
  constexpr int64_t kLeastProducts = 1 << 16;
  return 1 + kLeastProducts / (products_of_item > 0 ? products_of_item : 1);
}

class ThreadPool {
 public:
  // `threads` includes the caller; 1 starts none.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Calls body(context, begin, end, thread) for contiguous parts of [0, count), one part per thread at most, each of
  // at least `grain` items; returns when all are done. Not reentrant.
  void parallel_for(int64_t count, int64_t grain, void (*body)(void* context, int64_t begin, int64_t end, int thread),
                    void* context);

  // body(begin, end, thread)
  template <typename F>
  void parallel_for(int64_t count, int64_t grain, F&& body) {
    parallel_for(
        count, grain,
        [](void* context, int64_t begin, int64_t end, int thread) {
          (*static_cast<std::remove_reference_t<F>*>(context))(begin, end, thread);
        },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace burin::runtime
