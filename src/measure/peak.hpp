// What one core of this machine can do at most with the instruction set that the kernels use.
#pragma once

namespace burin {

struct Peak {
  // Multiply-accumulates a second of one core, of float32 and of int8 in 32-bit sums.
  double f32 = 0.0, int8 = 0.0;
};

// Takes a few milliseconds.
Peak measure_peak();

}  // namespace burin
