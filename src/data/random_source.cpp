#include "data/random_source.hpp"

#include <cmath>

#include "data/random.hpp"

namespace burin {

void RandomSource::load(size_t index, std::span<const std::span<float>> inputs) const {
  Random random(Random(seed_ + index).next());
  const bool pixels = range_.low == 0.0f && range_.high == 255.0f;
  for (const std::span<float> input : inputs) {
    for (float& value : input) {
      value = range_.low + (range_.high - range_.low) * random.unit();
      if (pixels) value = std::nearbyint(value);
    }
  }
}

}  // namespace burin
