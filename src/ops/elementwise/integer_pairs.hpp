// Integers of two operands, block by block, for the references of this family.
#pragma once

#include "ops/elementwise/broadcast.hpp"
#include "ops/integer_values.hpp"

namespace burin {

// f(a, b, count) replaces `count` values of a by results, of which the output takes its type's bits.
template <typename F>
void for_each_integer_pair(const EvaluateContext& context, F f) {
  const TensorView &a = context.inputs[0], &b = context.inputs[1];
  int64_t a_values[kIntegerBlock], b_values[kIntegerBlock];
  for (BroadcastRuns run(a.shape, b.shape, context.outputs[0].shape); run.next();) {
    for (int64_t i = 0; i < run.count(); i += kIntegerBlock) {
      const int64_t count = std::min(kIntegerBlock, run.count() - i);
      load_integers(a, run.a() + i * run.a_step(), run.a_step(), count, a_values);
      load_integers(b, run.b() + i * run.b_step(), run.b_step(), count, b_values);
      f(a_values, b_values, count);
      store_integers(a_values, count, context.outputs[0], run.out() + i);
    }
  }
}

}  // namespace burin
