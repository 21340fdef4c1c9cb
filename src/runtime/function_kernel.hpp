// A kernel made of a function object that captured what it prepared.
#pragma once

#include <memory>
#include <utility>

#include "runtime/kernel.hpp"
#include "runtime/thread_pool.hpp"

namespace burin::runtime {

template <typename Run>
class FunctionKernel final : public PreparedKernel {
 public:
  FunctionKernel(const char* name, size_t scratch_per_thread, Run run)
      : name_(name), scratch_per_thread_(scratch_per_thread), run_(std::move(run)) {}

  const char* name() const override { return name_; }
  size_t scratch_bytes(int threads) const override { return scratch_per_thread_ * static_cast<size_t>(threads); }
  bool reads_constants() const override { return true; }
  Status run(const RunContext& context) const override {
    run_(context);
    return {};
  }

 private:
  const char* name_;
  size_t scratch_per_thread_;
  Run run_;
};

// `run(context)`; `name` is a literal.
template <typename Run>
PreparedResult make_function_kernel(const char* name, Run run, size_t scratch_per_thread = 0) {
  return PreparedResult(std::make_unique<FunctionKernel<Run>>(name, scratch_per_thread, std::move(run)));
}

inline PreparedResult not_applicable() { return std::unique_ptr<PreparedKernel>(); }

// Elements of a simple loop that are worth waking a thread for.
inline constexpr int64_t kElementGrain = 1 << 14;

}  // namespace burin::runtime
