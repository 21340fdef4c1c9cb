// Where calibration and evaluation take model inputs from: pictures, arrays, seeded noise.
#pragma once

#include <cstddef>
#include <span>

namespace burin {

class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual size_t size() const = 0;
  // Fills one sample (batch 1) of every model input, in model order, as float. Called from several threads at once.
  // Throws Error naming the file.
  virtual void load(size_t index, std::span<const std::span<float>> inputs) const = 0;
};

}  // namespace burin
