// NumPy's broadcasting of two operands: shapes are aligned at their last dimension, a dimension of 1 is repeated.
#pragma once

#include <array>

#include "ops/operands.hpp"

namespace burin {

// The shape of the result; false when the operands do not fit.
inline bool broadcast_shapes(const Shape& a, const Shape& b, Shape& result) {
  const int rank = a.rank() > b.rank() ? a.rank() : b.rank();
  result = Shape();
  for (int i = 0; i < rank; ++i) {
    const int ia = i - rank + a.rank(), ib = i - rank + b.rank();
    const int32_t da = ia >= 0 ? a[ia] : 1, db = ib >= 0 ? b[ib] : 1;
    if (da != db && da != 1 && db != 1) return false;
    result.append(da == 1 ? db : da);
  }
  return true;
}

// Walks the result in order, in runs over which both operands advance evenly: visit(a, b, out, count, a_step, b_step)
// with element offsets and steps of 0 or 1.
template <typename Visit>
void for_each_broadcast(const Shape& a, const Shape& b, const Shape& out, Visit visit) {
  struct Axis {
    int64_t size, a_stride, b_stride;
  };
  std::array<Axis, Shape::kMaxRank + 1> axes;  // innermost first; neighbours that both advance evenly are one
  int count = 0;
  int64_t a_stride = 1, b_stride = 1;
  for (int i = out.rank() - 1; i >= 0; --i) {
    const int ia = i - out.rank() + a.rank(), ib = i - out.rank() + b.rank();
    const int64_t da = ia >= 0 ? a[ia] : 1, db = ib >= 0 ? b[ib] : 1;
    if (out[i] == 0) return;
    if (out[i] == 1) continue;
    const Axis axis{out[i], da == 1 ? 0 : a_stride, db == 1 ? 0 : b_stride};
    a_stride *= da;
    b_stride *= db;
    if (count > 0) {
      Axis& inner = axes[static_cast<size_t>(count - 1)];
      if (axis.a_stride == inner.a_stride * inner.size && axis.b_stride == inner.b_stride * inner.size) {
        inner.size *= axis.size;
        continue;
      }
    }
    axes[static_cast<size_t>(count++)] = axis;
  }
  if (count == 0) axes[static_cast<size_t>(count++)] = {1, 0, 0};
  const Axis inner = axes[0];
  std::array<int64_t, Shape::kMaxRank + 1> index{};
  int64_t ia = 0, ib = 0, io = 0;
  while (true) {
    visit(ia, ib, io, inner.size, inner.a_stride, inner.b_stride);
    io += inner.size;
    int level = 1;
    for (; level < count; ++level) {
      const auto l = static_cast<size_t>(level);
      ia += axes[l].a_stride;
      ib += axes[l].b_stride;
      if (++index[l] < axes[l].size) break;
      index[l] = 0;
      ia -= axes[l].a_stride * axes[l].size;
      ib -= axes[l].b_stride * axes[l].size;
    }
    if (level >= count) return;
  }
}

}  // namespace burin
