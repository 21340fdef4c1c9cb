#pragma once

namespace burin {

// MEAN, SUM, REDUCE_MAX: input 1 holds the axes.
struct ReduceAttributes {
  bool keep_dims = false;

  bool operator==(const ReduceAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("keep_dims", keep_dims);
  }
};

}  // namespace burin
