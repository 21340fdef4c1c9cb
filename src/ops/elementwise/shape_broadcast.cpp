#include "ops/elementwise/broadcast.hpp"

namespace burin {

bool broadcast_shapes(const Shape& a, const Shape& b, Shape& result) {
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

BroadcastRuns::BroadcastRuns(const Shape& a, const Shape& b, const Shape& out) {
  if (out.elements() == 0) return;
  int64_t a_stride = 1, b_stride = 1;
  for (int i = out.rank() - 1; i >= 0; --i) {
    const int ia = i - out.rank() + a.rank(), ib = i - out.rank() + b.rank();
    const int64_t da = ia >= 0 ? a[ia] : 1, db = ib >= 0 ? b[ib] : 1;
    if (out[i] == 1) continue;
    const Axis axis{out[i], da == 1 ? 0 : a_stride, db == 1 ? 0 : b_stride};
    a_stride *= da;
    b_stride *= db;
    if (count_ > 0) {
      Axis& inner = axes_[count_ - 1];
      if (axis.a_stride == inner.a_stride * inner.size && axis.b_stride == inner.b_stride * inner.size) {
        inner.size *= axis.size;
        continue;
      }
    }
    axes_[count_++] = axis;
  }
  if (count_ == 0) axes_[count_++] = {1, 0, 0};
}

bool BroadcastRuns::next() {
  if (!begun_) {
    begun_ = true;
    return count_ > 0;
  }
  out_ += axes_[0].size;
  for (size_t level = 1; level < count_; ++level) {
    const Axis& axis = axes_[level];
    a_ += axis.a_stride;
    b_ += axis.b_stride;
    if (++index_[level] < axis.size) return true;
    index_[level] = 0;
    a_ -= axis.a_stride * axis.size;
    b_ -= axis.b_stride * axis.size;
  }
  return false;
}

}  // namespace burin
