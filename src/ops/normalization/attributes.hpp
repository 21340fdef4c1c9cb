#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace burin {

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta along `axis`.
struct BatchNormalizationAttributes {
  int32_t axis = -1;
  float epsilon = 1e-3f;
  bool scale = true;   // input 1 is gamma
  bool center = true;  // the next input is beta

  bool operator==(const BatchNormalizationAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("axis", axis), f("epsilon", epsilon), f("scale", scale), f("center", center);
  }
};

// y = x * scale + offset. One value each, or one per element of the last dimension.
struct RescalingAttributes {
  std::vector<float> scale{1.0f};
  std::vector<float> offset{0.0f};

  bool operator==(const RescalingAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("scale", scale), f("offset", offset);
  }
};

// Which layer an IDENTITY was ("Dropout", "RandomFlip"), for inspection only.
struct IdentityAttributes {
  std::string layer_class;

  bool operator==(const IdentityAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("layer_class", layer_class);
  }
};

}  // namespace burin
