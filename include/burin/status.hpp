// Errors as values: the runtime never throws and never aborts on bad input.
// A Status says what is wrong, where (file and layer) and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace burin {

enum class StatusCode : uint8_t {
  kOk,
  kInvalidArgument,  // a caller's mistake: wrong shape, wrong index
  kInvalidModel,     // a file or graph that contradicts itself
  kUnsupported,      // well formed, but Burin cannot do it
  kResourceLimit,    // larger than a reader's or planner's limit
  kIo,               // the operating system said no
  kCancelled,
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(StatusCode code, std::string message, std::string remedy = {})
      : code_(code), message_(std::move(message)), remedy_(std::move(remedy)) {}

  static Status ok() { return {}; }
  bool is_ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  // One line: what is wrong and where.
  const std::string& message() const { return message_; }
  // One line: what the user can do. May be empty.
  const std::string& remedy() const { return remedy_; }
  // The same error, its message prefixed with `place: ` (a file, then a layer).
  Status at(const std::string& place) const {
    return is_ok() ? Status() : Status(code_, place + ": " + message_, remedy_);
  }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::string remedy_;
};

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool is_ok() const { return state_.index() == 0; }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  Status status() const { return is_ok() ? Status() : *std::get_if<1>(&state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace burin
