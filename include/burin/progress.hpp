// Progress of long work, as the toolkit reports it.
#pragma once

#include <cstddef>
#include <string>

namespace burin {

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void start(const std::string& what, size_t total) = 0;
  virtual void advance(size_t done) = 0;  // absolute count; thread-safe
  virtual void finish() = 0;
};

// Does nothing; the default of every function that takes one.
Progress& no_progress();

}  // namespace burin
