// NumPy's broadcasting of two operands: shapes are aligned at their last dimension, a dimension of 1 is repeated.
#pragma once

#include <array>

#include "ops/operands.hpp"

namespace burin {

// The shape of the result; false when the operands do not fit.
bool broadcast_shapes(const Shape& a, const Shape& b, Shape& result);

// Walks the result in order, in runs over which both operands advance evenly:
//   for (BroadcastRuns runs(a, b, out); runs.next();) ...
class BroadcastRuns {
 public:
  BroadcastRuns(const Shape& a, const Shape& b, const Shape& out);
  // The next run, the first one too; false: there is none.
  bool next();

  // Elements at which the run begins, their number, and steps of 0 or 1.
  int64_t a() const { return a_; }
  int64_t b() const { return b_; }
  int64_t out() const { return out_; }
  int64_t count() const { return axes_[0].size; }
  int64_t a_step() const { return axes_[0].a_stride; }
  int64_t b_step() const { return axes_[0].b_stride; }

 private:
  struct Axis {
    int64_t size, a_stride, b_stride;
  };
  std::array<Axis, Shape::kMaxRank + 1> axes_{};  // innermost first; neighbours that both advance evenly are one
  std::array<int64_t, Shape::kMaxRank + 1> index_{};
  size_t count_ = 0;  // of axes; 0: the result is empty
  bool begun_ = false;
  int64_t a_ = 0, b_ = 0, out_ = 0;
};

}  // namespace burin
