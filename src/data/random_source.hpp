// Seeded uniform inputs, for checks and timings without data.
#pragma once

#include <cstdint>
#include <vector>

#include "data/preprocess.hpp"
#include "data/sample_source.hpp"
#include "graph/model.hpp"

namespace burin {

class RandomSource : public SampleSource {
 public:
  // Every sample depends on `seed` and its index alone. A range of pixels (0..255) gives whole numbers.
  RandomSource(size_t samples, ValueRange range, uint64_t seed) : samples_(samples), range_(range), seed_(seed) {}

  size_t size() const override { return samples_; }
  void load(size_t index, std::span<const std::span<float>> inputs) const override;

 private:
  size_t samples_;
  ValueRange range_;
  uint64_t seed_;
};

}  // namespace burin
