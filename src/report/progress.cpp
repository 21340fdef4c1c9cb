#include "report/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>

namespace burin {
namespace {

class NoProgress : public Progress {
 public:
  void start(const std::string&, size_t) override {}
  void advance(size_t) override {}
  void finish() override {}
};

class TerminalProgress : public Progress {
 public:
  ~TerminalProgress() override { clear(); }

  void start(const std::string& what, size_t total) override {
    const std::lock_guard lock(mutex_);
    what_ = what;
    total_ = total;
    done_ = 0;
    drawn_at_ = {};
    draw();
  }

  void advance(size_t done) override {
    const std::lock_guard lock(mutex_);
    if (done <= done_) return;
    done_ = done;
    const auto now = std::chrono::steady_clock::now();
    if (done_ < total_ && now - drawn_at_ < std::chrono::milliseconds(80)) return;
    drawn_at_ = now;
    draw();
  }

  void finish() override {
    const std::lock_guard lock(mutex_);
    clear();
  }

 private:
  static constexpr size_t kWidth = 30;

  void draw() {
    const double share = total_ == 0 ? 0.0 : static_cast<double>(done_) / static_cast<double>(total_);
    const auto filled = static_cast<size_t>(share * static_cast<double>(kWidth));
    fmt::print(stderr, "\r\x1b[K{} [{:=<{}}{: <{}}] {}/{}", what_, "", filled, "", kWidth - filled, done_, total_);
    std::fflush(stderr);
    visible_ = true;
  }

  void clear() {
    if (visible_) fmt::print(stderr, "\r\x1b[K");
    visible_ = false;
  }

  std::mutex mutex_;
  std::string what_;
  size_t total_ = 0;
  size_t done_ = 0;
  bool visible_ = false;
  std::chrono::steady_clock::time_point drawn_at_;
};

}  // namespace

Progress& no_progress() {
  static NoProgress none;
  return none;
}

std::unique_ptr<Progress> make_terminal_progress(bool quiet) {
  if (quiet || isatty(STDERR_FILENO) == 0) return std::make_unique<NoProgress>();
  return std::make_unique<TerminalProgress>();
}

}  // namespace burin
