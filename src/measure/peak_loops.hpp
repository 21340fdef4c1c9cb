// Loops of independent multiply-adds in registers: what an instruction set can do at most.
#pragma once

#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin {

struct PeakLoop {
  void (*run)(int64_t rounds);
  int64_t products_per_round;
};

// One file per instruction set has those of its own, with the instructions that the kernels use.
extern const PeakLoop kF32PeakPortable, kInt8PeakPortable;
#if defined(__x86_64__)
extern const PeakLoop kInt8PeakSse2;
extern const PeakLoop kF32PeakAvx2, kInt8PeakAvx2;
extern const PeakLoop kInt8PeakAvxVnni;
extern const PeakLoop kF32PeakAvx512;
extern const PeakLoop kInt8PeakAvx512Vnni;
#elif defined(__aarch64__) || defined(__arm__)
extern const PeakLoop kF32PeakNeon, kInt8PeakNeon;
#if defined(__aarch64__)
extern const PeakLoop kInt8PeakNeonDotprod;
#endif
#endif

}  // namespace burin
