#pragma once

namespace burin {

// SOFTMAX over the last dimension: exp(beta * x) / sum.
struct SoftmaxAttributes {
  float beta = 1.0f;

  bool operator==(const SoftmaxAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("beta", beta);
  }
};

}  // namespace burin
