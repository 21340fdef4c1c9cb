// The toolkit's exception: a Status that is thrown. The command line prints it and exits with 2.
#pragma once

#include <exception>

#include "burin/status.hpp"

namespace burin {

class Error : public std::exception {
 public:
  explicit Error(Status status) : status_(std::move(status)) {}
  Error(StatusCode code, std::string message, std::string remedy = {})
      : status_(code, std::move(message), std::move(remedy)) {}

  const char* what() const noexcept override { return status_.message().c_str(); }
  const Status& status() const { return status_; }

 private:
  Status status_;
};

inline void throw_if_error(const Status& status) {
  if (!status.is_ok()) throw Error(status);
}

template <typename T>
T value_or_throw(Result<T> result) {
  if (!result.is_ok()) throw Error(result.status());
  return std::move(result.value());
}

}  // namespace burin
