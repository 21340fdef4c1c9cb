#pragma once

namespace burin {

// LEAKY_RELU: alpha * x below zero.
struct LeakyReluAttributes {
  float alpha = 0.0f;

  bool operator==(const LeakyReluAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("alpha", alpha);
  }
};

struct GeluAttributes {
  bool approximate = false;  // by tanh

  bool operator==(const GeluAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("approximate", approximate);
  }
};

}  // namespace burin
